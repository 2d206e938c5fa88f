package events_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
)

// step is one thing that happens in a history: numbers, of which each kind makes what it needs.
type step struct {
	kind    stepKind
	a, b, c int
}

type stepKind int

const (
	stepBook stepKind = iota
	stepConfirm
	stepCancel
	stepEdit
	stepWait
	stepNight
	stepRelay
	stepDeliver
	stepTrim
	stepFailover
)

type history struct {
	zone  int
	start int
	seed  uint64
	steps []step
}

var (
	zones = []string{"Europe/Berlin", "UTC", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "Pacific/Kiritimati"}
	// beginnings are shortly before clocks are changed, and an ordinary day.
	beginnings = []time.Time{
		monday, time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 27, 20, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 31, 21, 0, 0, 0, time.UTC),
	}

	drawStep = rapid.Custom(func(t *rapid.T) step {
		kinds := []stepKind{
			stepBook, stepBook, stepBook, stepBook, stepConfirm, stepCancel, stepCancel, stepEdit, stepWait, stepWait, stepNight,
			stepRelay, stepRelay, stepDeliver, stepTrim, stepFailover,
		}
		n := rapid.IntRange(0, 999)
		return step{rapid.SampledFrom(kinds).Draw(t, "kind"), n.Draw(t, "a"), n.Draw(t, "b"), n.Draw(t, "c")}
	})
	drawHistory = rapid.Custom(func(t *rapid.T) history {
		return history{
			zone: rapid.IntRange(0, len(zones)-1).Draw(t, "zone"), start: rapid.IntRange(0, len(beginnings)-1).Draw(t, "start"),
			seed: rapid.Uint64().Draw(t, "seed"), steps: rapid.SliceOfN(drawStep, 5, 60).Draw(t, "steps"),
		}
	})
)

// relay sends what a venue's changes make, to a consumer that gets it in any order.
type relay struct {
	*world
	random   *rand.Rand
	cursor   booking.Revision
	opened   string
	waiting  []bus.Event
	ids      map[string]string
	consumer *consumer
	wrong    spoil
}

// spoil is what a relay does wrong.
type spoil struct {
	input func(r *relay, in *events.Input)
	told  func(told []bus.Event) []bus.Event
}

// play plays a history, and says in what the consumer's copy differs from GET at its end.
func play(tb testing.TB, h history, f faults, wrong spoil) error {
	tb.Helper()
	r := &relay{
		world: newWorld(tb, zones[h.zone], beginnings[h.start]), random: rand.New(rand.NewPCG(h.seed, 1)), ids: make(map[string]string),
		consumer: newConsumer(), wrong: wrong,
	}
	r.consumer.faults = f
	r.consumer.get, r.consumer.list = r.get, r.list
	r.consumer.term = epoch.Term()
	r.cursor = r.picture.Revision
	_, r.opened = events.DayOpened(r.picture, "", r.now)
	r.consumer.rereadAll(version{term: epoch.Term()}, r.now) // from nothing
	for _, s := range h.steps {
		if err := r.do(s); err != nil {
			return err
		}
	}
	for r.cursor < r.picture.Revision {
		if err := r.relaySome(1000, 0); err != nil {
			return err
		}
	}
	if err := r.open(); err != nil {
		return err
	}
	if err := r.deliver(len(r.waiting)); err != nil {
		return err
	}
	r.consumer.close(r.now)
	return errors.Join(r.consumer.compare(r.picture, r.now), r.compareBookings(), r.compareDigests())
}

func (r *relay) do(s step) error {
	switch s.kind {
	case stepBook:
		service := []booking.ServiceID{cut, colour, classes}[s.a%3]
		slots, _ := fresh(r.picture, string(service), r.now)
		if len(slots) > 0 {
			r.book(service, parse(slots[s.b%len(slots)].Start), r.picture.Services[service].PartySize.Min, s.c%2 == 0)
		}
	case stepConfirm, stepCancel:
		if len(r.bookings) > 0 {
			r.move(r.made[s.a%len(r.made)], s.kind)
		}
	case stepEdit:
		r.edit(s)
	case stepWait:
		r.now = r.now.Add(time.Duration(s.a%300) * time.Minute)
		r.consumer.close(r.now)
	case stepNight:
		r.now = r.now.Add(time.Duration(12+s.a%24) * time.Hour)
		r.consumer.close(r.now)
		if s.b%2 == 0 {
			return r.relayAll()
		}
	case stepRelay:
		if s.c%4 == 0 {
			return r.relayAll()
		}
		return r.relaySome(1+s.a%5, s.b)
	case stepDeliver:
		return r.deliver(s.a % (len(r.waiting) + 1))
	case stepTrim:
		if to := min(r.cursor+booking.Revision(s.a%3), r.picture.Revision); to > r.cursor {
			from := r.cursor + 1
			r.cursor = to
			return r.send([]bus.Event{events.Gap(salon, r.epoch, from, to, r.now)})
		}
	case stepFailover:
		lost := booking.Revision(s.a % 4)
		if r.picture.Revision <= 1+lost {
			break
		}
		previous, common := r.epoch, min(r.cursor, r.picture.Revision-lost)
		r.failover(r.picture.Revision - lost)
		r.cursor = common
		return r.send([]bus.Event{events.VenueReset(salon, r.epoch, previous, common, r.now)})
	}
	return nil
}

func (r *relay) move(id booking.BookingID, kind stepKind) {
	switch b := r.bookings[id]; {
	case kind == stepConfirm && b.Status == booking.Held:
		r.confirm(id)
	case kind == stepCancel && b.Status.Claims():
		r.cancel(id)
	}
}

// edit edits the catalogue.
func (r *relay) edit(s step) {
	service := r.picture.Services[[]booking.ServiceID{cut, colour, classes}[s.b%3]]
	resource := r.picture.Resources[[]booking.ResourceID{"ann", "ben", "room"}[s.b%3]]
	putService := func() { r.commit(booking.Entry{Kind: booking.ServicePut, Service: &service}) }
	putResource := func() { r.commit(booking.Entry{Kind: booking.ResourcePut, Resource: &resource}) }
	switch s.a % 8 {
	case 0:
		service.BufferBefore = time.Duration(s.c%60) * time.Minute
		putService()
	case 1:
		service.MinNotice = time.Duration(s.c%240) * time.Minute
		putService()
	case 2:
		service.HorizonDays = 1 + s.c%5
		putService()
	case 3:
		few := s.c % 3
		service.LimitedBelow = &few
		putService()
	case 4:
		service.Archived = !service.Archived
		putService()
	case 5:
		resource.Capacity = 1 + s.c%6
		putResource()
	case 6:
		day := booking.DateOf(r.now).AddDays(s.c % 4)
		resource.Schedule.Exceptions = []booking.Exception{{Date: day, Closed: s.c%2 == 0, Hours: []booking.Period{{Open: 600, Close: 900}}}}
		putResource()
	case 7:
		v := r.picture.Venue
		v.TimeZone = zones[s.c%len(zones)]
		r.commit(booking.Entry{Kind: booking.VenuePut, Venue: &v})
	}
}

// relaySome makes the events of the next n changes, of a picture that is ahead of them by some.
func (r *relay) relaySome(n, ahead int) error {
	last := min(r.cursor+booking.Revision(n), r.picture.Revision)
	if last == r.cursor {
		return nil
	}
	at := last + booking.Revision(ahead)%(r.picture.Revision-last+1)
	in := events.Input{Epoch: r.epoch, Changes: r.changes[r.cursor:last], Picture: r.pictures[at], Now: r.now}
	if r.wrong.input != nil {
		r.wrong.input(r, &in)
	}
	told, err := events.OfChanges(in)
	if err != nil {
		return err
	}
	if r.wrong.told != nil {
		told = r.wrong.told(told)
	}
	r.cursor = last
	return r.send(told)
}

func (r *relay) relayAll() error {
	if err := r.relaySome(1000, 0); err != nil {
		return err
	}
	return r.open()
}

func (r *relay) open() error {
	var told []bus.Event
	told, r.opened = events.DayOpened(r.picture, r.opened, r.now)
	return r.send(told)
}

// send checks that an id is of one content.
func (r *relay) send(told []bus.Event) error {
	for _, e := range told {
		content := string(e.Name) + e.Subject + string(e.Data)
		if old, sent := r.ids[e.ID]; sent && old != content {
			return fmt.Errorf("the id %s is of\n%s\nand of\n%s", e.ID, old, content)
		}
		r.ids[e.ID] = content
	}
	r.waiting = append(r.waiting, told...)
	return nil
}

// deliver gives n of the waiting events to the consumer, some of them twice.
func (r *relay) deliver(n int) error {
	r.random.Shuffle(len(r.waiting), func(i, j int) { r.waiting[i], r.waiting[j] = r.waiting[j], r.waiting[i] })
	for _, e := range r.waiting[:n] {
		if err := r.consumer.receive(e, r.now); err != nil {
			return err
		}
		if r.random.IntN(4) == 0 {
			r.waiting = append(r.waiting, e)
		}
	}
	r.waiting = slices.Delete(r.waiting, 0, n)
	return nil
}

// get is GET: from a server that may be behind, but not behind what is asked for, nor in an epoch before.
func (r *relay) get(service string, atLeast booking.Revision) ([]events.Slot, version, bool) {
	atLeast = min(atLeast, r.picture.Revision) // what was asked for, a failover may have lost
	p := r.pictures[max(booking.Revision(r.random.IntN(int(r.picture.Revision-atLeast)+1))+atLeast, 1)]
	slots, ok := fresh(p, service, r.now)
	touched := p.Touched(p.Services[booking.ServiceID(service)])
	return slots, version{term: r.epoch.Term(), revision: max(touched, atLeast)}, ok
}

// list is GET of the services and of the bookings.
func (r *relay) list() ([]string, []events.BookingData) {
	var all []events.BookingData
	for _, b := range r.bookings {
		all = append(all, events.BookingData{Booking: r.listed(b)})
	}
	return []string{string(cut), string(colour), string(classes)}, all
}

// listed is a booking as it should be known.
func (r *relay) listed(b state) events.Booking {
	text := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	known := events.Booking{
		ID: b.ID, Service: b.Service, Status: b.Status, Start: text(b.Start), End: text(b.End), PartySize: b.PartySize,
		ExpiresAt: text(b.ExpiresAt), Claims: []events.Claim{},
	}
	for _, c := range b.claims {
		known.Claims = append(known.Claims, events.Claim{Resource: c.Resource, Start: text(c.Start), End: text(c.End), Units: c.Units})
	}
	return known
}

// compareBookings compares the bookings that the consumer knows with those that there are. The zone may have changed since they were told.
func (r *relay) compareBookings() error {
	if len(r.consumer.bookings) != len(r.bookings) {
		return fmt.Errorf("%d bookings are known, and there are %d", len(r.consumer.bookings), len(r.bookings))
	}
	for id, b := range r.bookings {
		got := r.consumer.bookings[string(id)].value.Booking
		inUTC := func(texts ...*string) {
			for _, text := range texts {
				if *text != "" {
					*text = parse(*text).UTC().Format(time.RFC3339)
				}
			}
		}
		inUTC(&got.Start, &got.End, &got.ExpiresAt)
		got.Claims = slices.Clone(got.Claims)
		for i := range got.Claims {
			inUTC(&got.Claims[i].Start, &got.Claims[i].End)
		}
		if want := r.listed(b); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("booking %s is known as %+v, and is %+v", id, got, want)
		}
	}
	return nil
}

// compareDigests has the consumer compare its copy with a checkpoint.
func (r *relay) compareDigests() error {
	for _, e := range events.Checkpoint(r.picture, r.now) {
		if wrong := r.consumer.check(decode[events.CheckpointData](r.tb, e)); len(wrong) > 0 {
			return fmt.Errorf("the checkpoint finds other slots than the consumer has: %v", wrong)
		}
	}
	return nil
}

// A copy of availability and of bookings that is made of events, in any order and with repeats, is equal to GET once all are there: over
// nights, clock changes, edits, pools, buffers and notice.
func TestCopyEqualsGet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		if err := play(t, drawHistory.Draw(rt, "history"), faults{}, spoil{}); err != nil {
			rt.Error(err)
		}
	})
}

// Of events that are wrong, or consumers that do not keep to the rules, the check notices some.
func TestCopyNeedsTheRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults faults
		spoil  spoil
	}{
		"a consumer that trusts order":              {faults: faults{trustsOrder: true}},
		"a consumer that ignores resets":            {faults: faults{ignoresResets: true}},
		"a consumer that ignores when slots close":  {faults: faults{ignoresClosing: true}},
		"values of an older revision than they say": {spoil: spoil{input: olderValues}},
		"a slot that is left out":                   {spoil: spoil{told: withoutSlot}},
		"an event that is lost":                     {spoil: spoil{told: withoutLast}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range 300 {
				if err := play(t, drawHistory.Example(seed), c.faults, c.spoil); err != nil {
					t.Logf("history %d: %v", seed, err)
					return
				}
			}
			t.Error("negative control: all went well, so the check proves nothing")
		})
	}
}

// olderValues tells the values before the changes as if they were of the picture.
func olderValues(r *relay, in *events.Input) {
	older := *r.pictures[in.Changes[0].Revision-1]
	older.Revision = in.Picture.Revision
	in.Picture = &older
}

// withoutSlot leaves out the first slot of each list.
func withoutSlot(told []bus.Event) []bus.Event {
	for i, e := range told {
		if e.Name != bus.AvailabilityChanged {
			continue
		}
		before, slots, _ := bytes.Cut(e.Data, []byte(`"slots":[`))
		_, slots, _ = bytes.Cut(slots, []byte(`}`))
		slots = bytes.TrimPrefix(slots, []byte(`,`))
		told[i].Data = slices.Concat(before, []byte(`"slots":[`), slots)
	}
	return told
}

func withoutLast(told []bus.Event) []bus.Event { return told[:max(len(told)-1, 0)] }
