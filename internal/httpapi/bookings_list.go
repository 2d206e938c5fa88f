package httpapi

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

func (a *api) addBookingsList(path string) {
	a.add(&route{
		method: http.MethodGet, path: path, id: "list-bookings", tag: tagBookings,
		summary: "List a venue's bookings",
		description: "By start: all that overlap the period, though they began before it. " +
			"If there are more, the Link header leads to the next page, which is not disturbed by bookings made meanwhile.",
		access:    staff,
		params:    []string{"first-date", "last-date", "status", "limit", "cursor"},
		successes: []success{{http.StatusOK, "A page of bookings.", Bookings{}, "", []string{"Link"}}},
		errors:    []string{"not_found", "invalid"},
		handler:   noBody((*requestContext).listBookings),
	})
}

func (c *requestContext) listBookings() error {
	id, err := c.venue()
	if err != nil {
		return err
	}
	q, err := c.query("from", "to", "status", "limit", "cursor")
	if err != nil {
		return err
	}
	_, zone, err := c.Catalogue.Venue(c.r.Context(), id)
	if err != nil {
		return err
	}
	filter := q.filter(zone)
	if err := q.err(); err != nil {
		return err
	}
	limit := filter.Limit
	filter.Limit++ // one more tells whether there is a next page
	found, err := c.Desk.Bookings(c.r.Context(), c.actor, id, filter)
	if err != nil {
		return err
	}
	if len(found) > limit {
		found = found[:limit]
		c.next("from", q.text("from"), "to", q.text("to"), "status", q.text("status"), "limit", q.text("limit"),
			"cursor", cursorAfter(found[limit-1]))
	}
	list := Bookings{Bookings: make([]Booking, len(found))}
	for i, b := range found {
		list.Bookings[i] = bookingOf(b, zone)
	}
	c.w.Header()["Cache-Control"] = noStore
	return c.compressibleJSON(list)
}

// filter reads which bookings are asked for.
func (q *query) filter(zone *time.Location) desk.Filter {
	filter := desk.Filter{Limit: q.number("limit", defaultBookingsPage, 1, maxBookingsPage)}
	from, hasFrom := q.optionalDate("from")
	to, hasTo := q.optionalDate("to")
	if hasFrom {
		filter.From = startOfDay(from, zone)
	}
	if hasTo {
		filter.To = startOfDay(to.AddDays(1), zone)
	}
	if hasFrom && hasTo && to.Compare(from) < 0 {
		q.refuse("to", "must not be before from")
	}
	if text := q.text("status"); text != "" {
		for word := range strings.SplitSeq(text, ",") {
			status := booking.Status(word)
			if !status.Valid() {
				q.refuse("status", "must be statuses of bookings, with commas between them")
				break
			}
			filter.Statuses = append(filter.Statuses, status)
		}
	}
	if text := q.text("cursor"); text != "" {
		var ok bool
		if filter.AfterStart, filter.AfterID, ok = parseCursor(text); !ok {
			q.refuse("cursor", "is not one of this listing")
		}
	}
	return filter
}

// cursorAfter continues behind a booking. It is a place in the order, not a count: bookings made or cancelled meanwhile neither
// repeat nor hide others.
func cursorAfter(b booking.Booking) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(b.Start.Unix(), 36) + "." + string(b.ID)))
}

func parseCursor(s string) (start time.Time, after booking.BookingID, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return time.Time{}, "", false
	}
	unix, id, _ := strings.Cut(string(raw), ".")
	seconds, err := strconv.ParseInt(unix, 36, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 || !booking.ValidID(id) {
		return time.Time{}, "", false
	}
	return time.Unix(seconds, 0).UTC(), booking.BookingID(id), true
}
