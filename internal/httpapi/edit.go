package httpapi

import (
	"net/http"
	"net/url"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// What the edits and the lists of venues, resources and services have in common.

// The ways in which they succeed.
var (
	notModified = answer{http.StatusNotModified, "Nothing has changed since the answer that If-None-Match names.", nil, "", []string{"ETag"}}
	archived    = answer{http.StatusNoContent, "It is archived.", nil, "", nil}
)

func replaced(what string, body any) []answer {
	return []answer{
		{http.StatusOK, what + " as it is now.", body, "", []string{"ETag"}},
		{http.StatusCreated, what + " was created.", body, "", []string{"ETag"}},
	}
}

// answerSaved answers an edit with what it left.
func answerSaved[T any](c *call, saved desk.Saved[T], revision booking.Revision, body any) error {
	h := c.w.Header()
	h["Etag"] = []string{revisionTag(revision)}
	h["Cache-Control"] = noStore
	status := http.StatusOK
	if saved.Created {
		status = http.StatusCreated
	}
	return c.json(status, body)
}

// archive takes something out of use.
func (c *call) archive(do func(desk.Condition) (booking.Position, error)) error {
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
func (c *call) next(params ...string) {
	values := url.Values{}
	for pair := range slices.Chunk(params, 2) {
		if pair[1] != "" {
			values.Set(pair[0], pair[1])
		}
	}
	c.w.Header().Set("Link", "<"+c.r.URL.EscapedPath()+"?"+values.Encode()+`>; rel="next"`)
}

// listed is a list that JSON shows as [] if it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// someOrNil makes a list that is empty the same as one that was left out: the desk compares an edit with what is there.
func someOrNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
