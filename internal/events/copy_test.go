package events_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/live/wire"
	"vacancy/internal/view"
)

// faults are what a consumer may do wrong.
type faults struct {
	trustsOrder, ignoresResets, ignoresClosing bool
}

// version orders what is told: the highest is the newest.
type version struct {
	term     int64
	revision booking.Revision
	index    int
}

func (v version) less(o version) bool {
	if v.term != o.term {
		return v.term < o.term
	}
	if v.revision != o.revision {
		return v.revision < o.revision
	}
	return v.index < o.index
}

// consumer is another system with its own copy, made of events and of GET. It knows nothing but their JSON.
type consumer struct {
	faults
	term     int64
	bookings map[string]known[events.BookingData]
	services map[string]*serviceCopy
	// get is GET of a service's availability: all days, from a server that is at the revision or beyond.
	get func(service string, atLeast booking.Revision) (slots []events.Slot, at version, ok bool)
	// list has the services and the bookings that there are.
	list func() ([]string, []events.BookingData)
}

type known[T any] struct {
	at    version
	value T
}

// serviceCopy is what is known of a service. Slots older than floor are not to be believed.
type serviceCopy struct {
	floor version
	slots map[string]known[events.Slot]
}

func newConsumer() *consumer {
	return &consumer{bookings: make(map[string]known[events.BookingData]), services: make(map[string]*serviceCopy)}
}

// message is what a consumer reads of an event.
type message struct {
	Type, Epoch, Subject string
	Term                 int64           `json:",string"`
	Revision             uint64          `json:",string"`
	Index                int             `json:",string"`
	Data                 json.RawMessage `json:"data"`
}

// receive takes an event in. now is the consumer's clock.
func (c *consumer) receive(e bus.Event, now time.Time) error {
	text, err := e.Structured()
	if err != nil {
		return err
	}
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	switch {
	case m.Term < c.term:
		return nil // of a history that was left
	case m.Term > c.term: // all that was known is of another history
		c.term = m.Term
		clear(c.services)
		clear(c.bookings)
	}
	at := version{m.Term, booking.Revision(m.Revision), m.Index}
	kind := strings.TrimSuffix(strings.TrimPrefix(m.Type, "vacancy."), ".v1")
	switch {
	case strings.HasPrefix(kind, "booking."):
		var data events.BookingData
		if err := json.Unmarshal(m.Data, &data); err != nil {
			return err
		}
		if old, ok := c.bookings[m.Subject]; !ok || c.trustsOrder || old.at.less(at) {
			c.bookings[m.Subject] = known[events.BookingData]{at, data}
		}
	case kind == "availability.changed", kind == "availability.day_opened":
		return c.setSlots(m.Data)
	case kind == "availability.reset":
		c.reread(m.Subject, at, now)
	case kind == "venue.gap", kind == "venue.reset":
		c.rereadAll(at, now)
	}
	return nil
}

// rereadAll reads everything: it is of a version at least.
func (c *consumer) rereadAll(from version, now time.Time) {
	services, bookings := c.list()
	for _, service := range services {
		c.reread(service, from, now)
	}
	for _, b := range bookings {
		if old, ok := c.bookings[string(b.Booking.ID)]; !ok || old.at.less(from) {
			c.bookings[string(b.Booking.ID)] = known[events.BookingData]{from, b}
		}
	}
}

func (c *consumer) service(id string) *serviceCopy {
	s, ok := c.services[id]
	if !ok {
		s = &serviceCopy{slots: make(map[string]known[events.Slot])}
		c.services[id] = s
	}
	return s
}

func (c *consumer) setSlots(data json.RawMessage) error {
	var told events.Slots
	if err := json.Unmarshal(data, &told); err != nil {
		return err
	}
	s := c.service(string(told.Service))
	at := version{term: told.ValuesAt.Term, revision: told.ValuesAt.Revision}
	if at.less(s.floor) && !c.ignoresResets {
		return nil
	}
	for _, slot := range told.Slots {
		if old, ok := s.slots[slot.Start]; !ok || c.trustsOrder || old.at.less(at) {
			s.slots[slot.Start] = known[events.Slot]{at, slot}
		}
	}
	return nil
}

// reread forgets what is older than a version, and reads the service.
func (c *consumer) reread(id string, from version, now time.Time) {
	if c.ignoresResets && len(c.service(id).slots) > 0 {
		return
	}
	from.index = 0
	s := c.service(id)
	if s.floor.less(from) {
		s.floor = from
	}
	slots, at, ok := c.get(id, s.floor.revision)
	maps.DeleteFunc(s.slots, func(_ string, k known[events.Slot]) bool { return !at.less(k.at) })
	if !ok {
		return
	}
	for _, slot := range slots {
		if _, newer := s.slots[slot.Start]; !newer {
			s.slots[slot.Start] = known[events.Slot]{at, slot}
		}
	}
	c.close(now)
}

// close drops what time has ended.
func (c *consumer) close(now time.Time) {
	if c.ignoresClosing {
		return
	}
	for _, s := range c.services {
		maps.DeleteFunc(s.slots, func(_ string, k known[events.Slot]) bool { return !parse(k.value.ClosesAt).After(now) })
	}
}

func parse(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// fresh are the slots that GET has of a service: its own JSON, in the order of their starts. There is no service of which there is none.
func fresh(p *view.Picture, id string, now time.Time) (slots []events.Slot, ok bool) {
	s, err := p.Service(booking.ServiceID(id))
	if err != nil {
		return nil, false
	}
	today := availability.Today(p.Zone, now)
	for _, day := range availability.ForDays(availability.Query{
		Zone: p.Zone, Service: s, Resources: p.Resources, Ledgers: p.Ledgers, Now: now,
	}, today.AddDays(-7), today.AddDays(s.HorizonDays+7)) {
		for _, start := range day.Starts {
			slots = append(slots, events.Slot{
				Slot: wire.SlotOf(start.Slot(s, s.PartySize.Min)), ClosesAt: start.Start.Add(-s.MinNotice).Format(time.RFC3339),
			})
		}
	}
	return slots, true
}

// compare tells how the copy differs from GET.
func (c *consumer) compare(p *view.Picture, now time.Time) error {
	for id, s := range c.services {
		want, _ := fresh(p, id, now)
		got := slices.Collect(maps.Keys(s.slots))
		slices.SortFunc(got, func(a, b string) int { return parse(a).Compare(parse(b)) })
		if len(got) != len(want) {
			return fmt.Errorf("at revision %d, %s has %d slots, want %d", p.Revision, id, len(got), len(want))
		}
		for i, start := range got {
			if s.slots[start].value != want[i] {
				return fmt.Errorf("at revision %d, %s has %+v of %+v, want %+v", p.Revision, id, s.slots[start].value, s.slots[start].at, want[i])
			}
		}
	}
	services, _ := c.list()
	for _, id := range services {
		if want, _ := fresh(p, id, now); len(want) > 0 && c.services[id] == nil {
			return fmt.Errorf("nothing is known of %s, which has %d slots", id, len(want))
		}
	}
	return nil
}

// check recomputes the digests of a checkpoint from the copy, and returns the days that differ.
func (c *consumer) check(told events.CheckpointData) (wrong []string) {
	closesAfter := parse(told.ClosesAfter)
	for _, s := range told.Services {
		copied := c.service(string(s.Service))
		lines := make(map[string][]string)
		for _, start := range slices.SortedFunc(maps.Keys(copied.slots), func(a, b string) int { return parse(a).Compare(parse(b)) }) {
			slot := copied.slots[start].value
			if date := start[:len("2026-11-24")]; date >= s.From && date <= s.To && parse(slot.ClosesAt).After(closesAfter) {
				lines[date] = append(lines[date], fmt.Sprintf("%d %d %d %d %s\n",
					parse(slot.Start).Unix(), parse(slot.End).Unix(), slot.Remaining, slot.Capacity, slot.Status))
			}
		}
		got := make(map[string]string)
		for date, lines := range lines {
			got[date] = fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, ""))))[:16]
		}
		for date := range maps.Keys(s.Days) {
			if got[date] != s.Days[date] {
				wrong = append(wrong, string(s.Service)+" "+date)
			}
			delete(got, date)
		}
		for date := range got {
			wrong = append(wrong, string(s.Service)+" "+date)
		}
	}
	return wrong
}
