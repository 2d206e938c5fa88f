package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

// Availability is what can be booked of a service in a span of days. It is also the live query's snapshot.
type Availability struct {
	Venue    booking.VenueID   `json:"venue" example:"fade-house"`
	Service  booking.ServiceID `json:"service" example:"haircut"`
	TimeZone string            `json:"time_zone" example:"Europe/Berlin"`
	Position string            `json:"position" doc:"How far this is; for at_least, and for live queries. Opaque." example:"k3x9.1c.0"`
	AsOf     string            `json:"as_of" format:"date-time" doc:"The last moment at which this was known to be up to date." example:"2026-11-20T17:04:11.532Z"`
	Stale    bool              `json:"stale" doc:"The database cannot be reached: this may be outdated."`
	Days     []Day             `json:"days" nullable:"false" doc:"Every day of the span."`
}

// Day is one day of the calendar.
type Day struct {
	Date   booking.Date       `json:"date" format:"date" example:"2026-11-24"`
	Status booking.SlotStatus `json:"status" enum:"available,limited,full,closed" doc:"The best of its slots; closed if it has none." example:"available"`
	Slots  []Slot             `json:"slots,omitempty" nullable:"false" doc:"Left out with detail=days."`
}

// Slot is one start that could be booked. Its times have the venue's offset.
type Slot struct {
	Start     string             `json:"start" format:"date-time" doc:"The slot's key." example:"2026-11-24T09:00:00+01:00"`
	End       string             `json:"end" format:"date-time" example:"2026-11-24T09:30:00+01:00"`
	Remaining int                `json:"remaining" doc:"The most that could still be placed: people if the service counts people, else bookings." example:"2"`
	Capacity  int                `json:"capacity" doc:"What remaining would be if nothing were taken." example:"3"`
	Status    booking.SlotStatus `json:"status" enum:"available,limited,full,closed" doc:"limited: less than half is left, or less than the service says. full: a booking of the party's size does not fit." example:"available"`
}

func slotOf(s booking.Slot) Slot {
	return Slot{
		Start: s.Start.Format(time.RFC3339), End: s.End.Format(time.RFC3339),
		Remaining: s.Remaining, Capacity: s.Capacity, Status: s.Status,
	}
}

// maxDaysOnly bounds a span of days without their slots.
const maxDaysOnly = 400

func (a *api) addAvailability() {
	a.add(&route{
		method: http.MethodGet, path: "/v1/venues/{venue}/services/{service}/availability", id: "get-availability",
		tag: tagAvailability, summary: "What can be booked",
		description: fmt.Sprintf("At most %d days, or %d with detail=days. Starts that are past, inside the notice or beyond the horizon "+
			"are not listed; full ones are. What is shown free at a position can be booked at that position.", live.MaxDays, maxDaysOnly),
		crossOrigin: true,
		params:      []string{"from", "to", "party_size", "resource", "detail", "at_least", "If-None-Match"},
		successes:   []success{{http.StatusOK, "The days and their slots.", Availability{}, "", []string{"ETag"}}, notModified},
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
		return c.days(question, atLeast)
	}
	if err := checkSpan(question, live.MaxDays); err != nil {
		return err
	}
	found, err := c.Hub.Snapshot(c.r.Context(), question, atLeast)
	if err != nil {
		return err
	}
	found = c.notBefore(question, found)
	// That an answer may be out of date is news even to those who have it, and so is that it no longer may.
	if found.Stale {
		c.w.Header()["Cache-Control"] = noStore
	} else if c.notModified(positionTag(found.Position)) {
		return nil
	}
	writeBody(c.w, http.StatusOK, found.Body)
	return nil
}

// The tag of an answer is its position.

func positionTag(p booking.Position) string { return `W/"` + p.String() + `"` }

func positionOf(tag string) (booking.Position, error) {
	return booking.ParsePosition(strings.TrimSuffix(strings.TrimPrefix(tag, `W/"`), `"`))
}

// notBefore is an answer that is not older than the one which the caller has, as its If-None-Match tells: one who polls and meets
// another node each time does not go back in time. If there is none, as with tags from before the database was restored, it is the
// answer that was found.
func (c *requestContext) notBefore(question live.Query, found live.Snapshot) live.Snapshot {
	tags := c.r.Header["If-None-Match"]
	if len(tags) != 1 || tags[0] == positionTag(found.Position) {
		return found
	}
	seen, err := positionOf(tags[0])
	if err != nil || found.Position.Covers(seen) {
		return found
	}
	if later, err := c.Hub.Snapshot(c.r.Context(), question, seen); err == nil {
		return later
	}
	return found
}

func checkSpan(q live.Query, most int) error {
	switch days := q.From.DaysUntil(q.To) + 1; {
	case days < 1:
		return booking.NewInvalid("to", "must not be before from")
	case days > most:
		return fieldProblem(errRangeTooLong, "to", fmt.Sprintf("must be at most %d days from from, both counted", most))
	}
	return nil
}

// days answers with the statuses of days alone. The hub is asked for one window of days after the other: what it knows of a day it
// keeps for everybody who asks.
func (c *requestContext) days(question live.Query, atLeast booking.Position) error {
	if err := checkSpan(question, maxDaysOnly); err != nil {
		return err
	}
	var all Availability
	var positions []byte
	for from := question.From; from.Compare(question.To) <= 0; from = from.AddDays(live.MaxDays) {
		window := question
		window.From = from
		if last := from.AddDays(live.MaxDays - 1); last.Compare(question.To) < 0 {
			window.To = last
		}
		found, err := c.Hub.Snapshot(c.r.Context(), window, atLeast)
		if err != nil {
			return err
		}
		if err := all.join(found.Body); err != nil {
			return err
		}
		positions = append(positions, found.Position.String()...)
	}
	if c.notModified(contentTag(positions)) {
		return nil
	}
	return c.json(http.StatusOK, all)
}

// join takes in the days of a later window, without their slots. The whole is as up to date as the window that is least so.
func (a *Availability) join(body []byte) error {
	var window struct {
		Availability
		Days []struct {
			Date   booking.Date       `json:"date"`
			Status booking.SlotStatus `json:"status"`
		} `json:"days"`
	}
	if err := json.Unmarshal(body, &window); err != nil {
		return fmt.Errorf("read a snapshot: %w", err)
	}
	days := a.Days
	for _, d := range window.Days {
		days = append(days, Day{Date: d.Date, Status: d.Status})
	}
	stale := a.Stale
	if a.Position == "" || behind(window.Position, a.Position) {
		*a = window.Availability
	}
	a.Days, a.Stale = days, stale || window.Stale
	return nil
}

// behind tells whether a reader at p has not seen all that one at q has.
func behind(p, q string) bool {
	a, err1 := booking.ParsePosition(p)
	b, err2 := booking.ParsePosition(q)
	return err1 == nil && err2 == nil && !a.Covers(b)
}
