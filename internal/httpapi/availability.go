package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

func (a *api) addAvailability() {
	a.add(&route{
		method: http.MethodGet, path: "/v1/venues/{venue}/services/{service}/availability", id: "get-availability",
		tag: tagAvailability, summary: "What can be booked",
		description: fmt.Sprintf("At most %d days, or %d with detail=days. Starts that are past, inside the notice or beyond the horizon "+
			"are not listed; full ones are. What is shown free at a position can be booked at that position.",
			live.MaxQueryDays, live.MaxStatusDays),
		crossOrigin: true,
		params:      []string{"from", "to", "party_size", "resource", "detail", "at_least", "If-None-Match"},
		successes:   []success{{http.StatusOK, "The days and their slots.", wire.Availability{}, "", []string{"ETag"}}, notModified},
		errors:      []string{"not_found", "invalid", "range_too_long", "busy"},
		handler:     noBody((*requestContext).getAvailability),
	})
}

func (c *requestContext) getAvailability() error {
	venue, service, err := itemID[booking.ServiceID](c, "service")
	if err != nil {
		return err
	}
	q, err := c.query("from", "to", "party_size", "resource", "detail", "at_least")
	if err != nil {
		return err
	}
	question := live.Query{
		Venue: venue, Service: service, Resource: booking.ResourceID(q.text("resource")),
		From: q.date("from"), To: q.date("to"), Party: q.number("party_size", 1, 1, booking.MaxPartySize),
	}
	atLeast := q.position("at_least")
	daysOnly := q.text("detail") == "days"
	if !daysOnly && q.text("detail") != "" {
		q.refuse("detail", "must be days, or left out")
	}
	if err := q.err(); err != nil {
		return err
	}
	if daysOnly {
		return c.dayStatuses(question, atLeast)
	}
	found, err := c.Hub.Snapshot(c.r.Context(), question, atLeast)
	if err != nil {
		return err
	}
	found = c.notBefore(question, found)
	// That an answer may be out of date is news even to those who have it, and so is that it no longer may.
	if found.Snapshot.Stale {
		c.w.Header()["Cache-Control"] = noStore
	} else if c.notModified(positionTag(found.Position)) {
		return nil
	}
	c.writeSnapshot(found)
	return nil
}

// dayStatuses answers with the statuses of days alone.
func (c *requestContext) dayStatuses(question live.Query, atLeast booking.Position) error {
	found, err := c.Hub.DayStatuses(c.r.Context(), question, atLeast)
	if err != nil {
		return err
	}
	var positions []byte
	for _, p := range found.Positions {
		positions = append(positions, p.String()...)
	}
	if c.notModified(contentTag(positions)) {
		return nil
	}
	return c.compressibleJSON(wire.StatusesOf(found))
}

// The tag of an answer is its position.

func positionTag(p booking.Position) string { return `W/"` + p.String() + `"` }

func positionOf(tag string) (booking.Position, error) {
	return booking.ParsePosition(strings.TrimSuffix(strings.TrimPrefix(tag, `W/"`), `"`))
}

// notBefore is an answer that is not older than the one which the caller has, as its If-None-Match tells: one who polls and meets
// another node each time does not go back in time. If there is none, as with tags from before the database was restored, it is the
// answer that was found. If the caller has seen a later term of the database than this node can find, that is stale, once: it has no tag.
func (c *requestContext) notBefore(question live.Query, found *live.Frame) *live.Frame {
	tags := c.r.Header["If-None-Match"]
	if len(tags) != 1 || tags[0] == positionTag(found.Position) {
		return found
	}
	seen, err := positionOf(tags[0])
	if err != nil || found.Position.Covers(seen) {
		return found
	}
	later, err := c.Hub.Snapshot(c.r.Context(), question, seen)
	switch {
	case err == nil:
		return later
	case seen.Epoch.LaterThan(found.Position.Epoch):
		return found.AsStale()
	}
	return found
}
