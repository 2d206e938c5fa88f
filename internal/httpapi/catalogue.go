package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// What the edits and the lists of venues, resources and services have in common.

// The ways in which they succeed.
var (
	notModified = success{http.StatusNotModified, "Nothing has changed since the answer that If-None-Match names.", nil, "", []string{"ETag"}}
	archived    = success{http.StatusNoContent, "It is archived.", nil, "", nil}
)

func replaced(what string, body any) []success {
	return []success{
		{http.StatusOK, what + " as it is now.", body, "", []string{"ETag"}},
		{http.StatusCreated, what + " was created.", body, "", []string{"ETag"}},
	}
}

// Warning is why nothing can be booked of a service, though its settings are saved.
type Warning struct {
	Service booking.ServiceID `json:"service" example:"haircut"`
	Field   string            `json:"field" doc:"The field of the service that does not fit its resources." example:"duration_minutes"`
	Message string            `json:"message" example:"fits no opening of its resources: the longest has 30"`
}

func warningsOf(given []desk.Warning) (warnings []Warning) {
	for _, w := range given {
		warnings = append(warnings, Warning{w.Service, w.Field, w.Message})
	}
	return warnings
}

// answerSaved answers an edit with what it left.
func answerSaved[T any](c *requestContext, saved desk.Saved[T], revision booking.Revision, body any) error {
	h := c.w.Header()
	h["Etag"] = []string{revisionTag(revision)}
	h["Cache-Control"] = noStore
	status := http.StatusOK
	if saved.Created {
		status = http.StatusCreated
	}
	return c.json(status, body)
}

// item is a resource or a service as the reads of the catalogue need it. json is called for those that are shown.
type item[T any] struct {
	revision booking.Revision
	archived bool
	json     func() T
}

// listItems answers with what the venue of the path has of a kind, without what is archived.
func listItems[D, T any](
	c *requestContext, list func(context.Context, booking.VenueID) ([]D, error), page func([]T) any, itemOf func(D) item[T],
) error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	if _, err := c.activeVenue(venue); err != nil {
		return err
	}
	found, err := list(c.r.Context(), venue)
	if err != nil {
		return err
	}
	return c.jsonWithETag(page(shownItems(found, itemOf)))
}

// shownItems are those that are not archived, as the API shows them.
func shownItems[D, T any](found []D, itemOf func(D) item[T]) []T {
	shown := []T{}
	for _, d := range found {
		if item := itemOf(d); !item.archived {
			shown = append(shown, item.json())
		}
	}
	return shown
}

// getItem answers with the one that the path names. The kind is the name of the path's parameter.
func getItem[ID ~string, D, T any](
	c *requestContext, kind string, get func(context.Context, booking.VenueID, ID) (D, error), itemOf func(D) item[T],
) error {
	venue, id, err := itemID[ID](c, kind)
	if err != nil {
		return err
	}
	if _, err := c.activeVenue(venue); err != nil {
		return err
	}
	found, err := get(c.r.Context(), venue, id)
	if err != nil {
		return err
	}
	item := itemOf(found)
	if item.archived {
		return booking.ErrNotFound
	}
	if c.notModified(revisionTag(item.revision)) {
		return nil
	}
	return c.json(http.StatusOK, item.json())
}

// archiveItem takes the one that the path names out of use.
func archiveItem[ID ~string](
	c *requestContext, kind string,
	archive func(context.Context, booking.Actor, booking.VenueID, ID, desk.Condition) (booking.Position, error),
) error {
	venue, id, err := itemID[ID](c, kind)
	if err != nil {
		return err
	}
	return c.archive(func(condition desk.Condition) (booking.Position, error) {
		return archive(c.r.Context(), c.actor, venue, id, condition)
	})
}

// itemID is the venue and the item that the path names.
func itemID[ID ~string](c *requestContext, kind string) (booking.VenueID, ID, error) {
	venue, err := c.venue()
	if err != nil {
		return "", "", err
	}
	id, err := c.id(kind)
	return venue, ID(id), err
}

// archive takes something out of use.
func (c *requestContext) archive(do func(desk.Condition) (booking.Position, error)) error {
	condition, err := c.condition()
	if err != nil {
		return err
	}
	if _, err := do(condition); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// next leads to the next page: the address at hand, with these parameters, given as names and values in turn, in place of its own.
func (c *requestContext) next(params ...string) {
	values := url.Values{}
	for pair := range slices.Chunk(params, 2) {
		if pair[1] != "" {
			values.Set(pair[0], pair[1])
		}
	}
	c.w.Header().Set("Link", "<"+c.r.URL.EscapedPath()+"?"+values.Encode()+`>; rel="next"`)
}

// emptyIfNil is a list that JSON shows as [] if it is empty.
func emptyIfNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
