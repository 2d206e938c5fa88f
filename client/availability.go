package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Query asks for the availability of one service on some days.
type Query struct {
	Venue, Service string
	// From and To are dates such as "2026-11-24" on the venue's calendar, both included.
	From, To string
	// PartySize is for how many people; zero asks for the smallest party that the server assumes, one.
	PartySize int
	// Resource is the member of a pool that the customer wants, or "" for any.
	Resource string
	// AtLeast is the position of a write that the answer must include. Live queries ignore it.
	AtLeast string
}

// values are the parameters as they go on the wire.
func (q Query) values() url.Values {
	v := url.Values{"from": {q.From}, "to": {q.To}}
	if q.PartySize > 0 {
		v.Set("party_size", strconv.Itoa(q.PartySize))
	}
	if q.Resource != "" {
		v.Set("resource", q.Resource)
	}
	return v
}

// Availability is what can be booked in a window of days.
type Availability struct {
	Venue    string `json:"venue"`
	Service  string `json:"service"`
	TimeZone string `json:"time_zone"`
	// Position is how far this has seen the venue's changes. It is opaque.
	Position string `json:"position"`
	// ValuesAt is of when the values are, to be compared with those of events.
	ValuesAt ValuesAt `json:"values_at"`
	// AsOf is when this was last known to be true. Stale says that the server could not check since.
	AsOf  time.Time `json:"as_of"`
	Stale bool      `json:"stale"`
	// Days are all of the window, closed ones too, ascending.
	Days []Day `json:"days"`
	// ETag is for [IfNoneMatch].
	ETag string `json:"-"`
}

// ValuesAt says of when values are: what has the higher term, then the higher revision, is newer.
type ValuesAt struct {
	// Epoch is the history of the database that they are of. It is opaque.
	Epoch    string `json:"epoch"`
	Term     int64  `json:"term"`
	Revision uint64 `json:"revision"`
}

// Day is one date with its slots, ascending by start.
type Day struct {
	Date string `json:"date"`
	// Status is the best of its slots'; a day without slots is closed.
	Status SlotStatus `json:"status"`
	Slots  []Slot     `json:"slots"`
}

// Slot is one start that can be booked, or could if it were not full.
type Slot struct {
	// Start and End have the venue's offset. The instant of Start is the slot's key.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Remaining is the most that can still be placed: people if the service counts people, else bookings.
	Remaining int        `json:"remaining"`
	Capacity  int        `json:"capacity"`
	Status    SlotStatus `json:"status"`
}

// Equal tells whether two slots are the same start with the same room.
func (s Slot) Equal(o Slot) bool {
	return s.Start.Equal(o.Start) && s.End.Equal(o.End) && s.Remaining == o.Remaining && s.Capacity == o.Capacity && s.Status == o.Status
}

// SlotStatus says in one word how much room there is.
type SlotStatus string

// The statuses of slots and days.
const (
	Available SlotStatus = "available"
	Limited   SlotStatus = "limited"
	Full      SlotStatus = "full"
	// Closed: there is no such start (any more), or the day has none.
	Closed SlotStatus = "closed"
)

// Availability gets what can be booked. With [IfNoneMatch] it returns [ErrNotModified] if nothing has changed.
func (c *Client) Availability(ctx context.Context, q Query, options ...CallOption) (Availability, error) {
	values := q.values()
	if q.AtLeast != "" {
		values.Set("at_least", q.AtLeast)
	}
	r := newCall(http.MethodGet, venuePath(q.Venue, "services", q.Service, "availability")+"?"+values.Encode(), options)
	sent, err := c.send(ctx, r)
	if err != nil {
		return Availability{}, err
	}
	if sent.status == http.StatusNotModified {
		return Availability{}, ErrNotModified
	}
	a, err := decode[Availability](r, sent)
	a.ETag = sent.header.Get("ETag")
	return a, err
}
