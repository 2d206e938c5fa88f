package outbox_test

import (
	"encoding/json"
	"fmt"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/live/wire"
	"vacancy/internal/view"
)

// version orders what a consumer is told: what has the higher one is newer.
type version struct {
	term     int64
	revision booking.Revision
	index    int
}

func (v version) before(other version) bool {
	switch {
	case v.term != other.term:
		return v.term < other.term
	case v.revision != other.revision:
		return v.revision < other.revision
	}
	return v.index < other.index
}

// consumer keeps its own copy of one venue, by the rules for consumers: the highest version of each booking and each slot, and a GET when
// it is told that something is to be read anew. It needs neither order nor a memory of what it has seen.
type consumer struct {
	// get is a GET of all that there is, and getBookings one of the bookings.
	get         func() *view.Picture
	getBookings func() map[string]booking.Status
	now         func() time.Time
	slots       map[string]slotCopy
	bookings    map[string]bookingCopy
	// term is that of the newest history that it was told of. What an earlier one tells is of no interest any more.
	term int64
	// trust is what the consumer goes by in place of versions: nothing, the order of arrival, or a memory of ids.
	trust trust
	seen  map[string]bool
	// check, if set, judges what it is told of slots.
	check func(bus.Event, []events.Slot, events.ValuesAt) error
	errs  []error
}

// trust is a mistake that a consumer can make.
type trust int

const (
	trustVersions trust = iota
	// trustOrder: what arrives last is the newest.
	trustOrder
	// trustIDs: what was not seen before is newer than what was.
	trustIDs
)

// newer tells whether a version is to replace one that is known.
func (c *consumer) newer(at, known version) bool {
	return c.trust != trustVersions || !at.before(known)
}

type slotCopy struct {
	slot wire.Slot
	at   version
}

type bookingCopy struct {
	status booking.Status
	at     version
}

func newConsumer(get func() *view.Picture, getBookings func() map[string]booking.Status) *consumer {
	c := &consumer{
		get: get, getBookings: getBookings, now: time.Now, slots: make(map[string]slotCopy), bookings: make(map[string]bookingCopy),
	}
	c.readAnew()
	return c
}

func slotKey(service booking.ServiceID, start string) string { return string(service) + " " + start }

// readAnew is GET.
func (c *consumer) readAnew() {
	p := c.get()
	at := version{term: p.Epoch.Term(), revision: p.Revision}
	clear(c.slots)
	for key, slot := range available(p, c.now()) {
		c.slots[key] = slotCopy{slot: slot, at: at}
	}
}

// readAllAnew is GET of the bookings besides.
func (c *consumer) readAllAnew() {
	c.readAnew()
	p := c.get()
	clear(c.bookings)
	for id, status := range c.getBookings() {
		c.bookings[id] = bookingCopy{status: status, at: version{term: p.Epoch.Term(), revision: p.Revision}}
	}
}

// available is all that can be booked.
func available(p *view.Picture, now time.Time) map[string]wire.Slot {
	found := make(map[string]wire.Slot)
	for id := range p.Services {
		service, err := p.Service(id)
		if err != nil {
			continue
		}
		q := availability.Query{Zone: p.Zone, Service: service, Resources: p.Resources, Ledgers: p.Ledgers, Now: now}
		today := availability.Today(p.Zone, now)
		for _, day := range availability.ForDays(q, today, today.AddDays(service.HorizonDays)) {
			for _, start := range day.Starts {
				slot := wire.SlotOf(start.Slot(service, service.PartySize.Min))
				found[slotKey(id, slot.Start)] = slot
			}
		}
	}
	return found
}

// take takes in an event.
func (c *consumer) take(e bus.Event) {
	at := version{term: e.Epoch.Term(), revision: e.Revision, index: e.Index}
	if c.passOver(e, at.term) {
		return
	}
	switch e.Name {
	case bus.BookingHeld, bus.BookingConfirmed, bus.BookingExtended, bus.BookingExpired, bus.BookingCancelled:
		var data events.BookingData
		c.decode(e, &data)
		if known, ok := c.bookings[e.Subject]; !ok || c.newer(at, known.at) {
			c.bookings[e.Subject] = bookingCopy{status: data.Booking.Status, at: at}
		}
	case bus.AvailabilityChanged, bus.AvailabilityDayOpened:
		var data events.Slots
		c.decode(e, &data)
		c.checked(e, data.Slots, data.ValuesAt)
		at := version{term: data.ValuesAt.Term, revision: data.ValuesAt.Revision}
		for _, s := range data.Slots {
			key := slotKey(data.Service, s.Start)
			if known, ok := c.slots[key]; !ok || c.newer(at, known.at) {
				c.slots[key] = slotCopy{slot: s.Slot, at: at}
			}
		}
	case bus.VenueReset, bus.VenueGap:
		c.readAllAnew()
	case bus.AvailabilityReset:
		c.readAnew()
	default: // a checkpoint is not needed by who loses nothing
	}
}

// passOver tells whether an event is of no interest: it is of an earlier history than the newest that is known of.
func (c *consumer) passOver(e bus.Event, term int64) bool {
	switch c.trust {
	case trustOrder:
		return false
	case trustIDs:
		if c.seen == nil {
			c.seen = make(map[string]bool)
		}
		seen := c.seen[e.ID]
		c.seen[e.ID] = true
		return seen
	case trustVersions:
	}
	earlier := term < c.term
	c.term = max(c.term, term)
	return earlier
}

func (c *consumer) checked(e bus.Event, slots []events.Slot, at events.ValuesAt) {
	if c.check != nil {
		if err := c.check(e, slots, at); err != nil {
			c.errs = append(c.errs, err)
		}
	}
}

func (c *consumer) decode(e bus.Event, into any) {
	if err := json.Unmarshal(e.Data, into); err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", e.ID, err))
	}
}

// compare tells how the copy differs from what GET says.
func (c *consumer) compare() error {
	if len(c.errs) > 0 {
		return c.errs[0]
	}
	p := c.get()
	for key, want := range available(p, c.now()) {
		if got, ok := c.slots[key]; !ok || got.slot != want {
			return fmt.Errorf("%s at revision %d of %s: the copy has %+v, and GET %+v", key, p.Revision, p.Epoch, got, want)
		}
	}
	return nil
}
