package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/live/wire"
)

// at is an instant of the first day.
func at(hour, minute int) time.Time {
	return time.Date(2026, 10, 19, hour-2, minute, 0, 0, time.UTC)
}

func ofChanges(tb testing.TB, in events.Input) []bus.Event {
	tb.Helper()
	told, err := events.OfChanges(in)
	if err != nil {
		tb.Fatal(err)
	}
	return told
}

// The life of a booking: each event has the whole of it, byte for byte.
func TestBookingEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	id, ok := w.book(cut, at(11, 0), 1, true)
	if !ok {
		t.Fatal("it does not fit")
	}
	w.confirm(id)
	w.cancel(id)
	const claims = `[{"resource":"ann","start":"2026-10-19T10:55:00+02:00","end":"2026-10-19T11:55:00+02:00","units":1}]`
	head := `{"booking":{"id":"` + string(id) + `","service":"cut","status":"`
	const times = `","start":"2026-10-19T11:00:00+02:00","end":"2026-10-19T11:45:00+02:00","party_size":1,"claims":`
	want := []struct {
		name bus.Name
		id   string
		data string
	}{
		{bus.BookingHeld, "salon/3-k2/2/0", head + "held" + times + claims + `,"expires_at":"2026-10-19T08:10:00+02:00"}}`},
		{bus.BookingConfirmed, "salon/3-k2/3/0", head + "confirmed" + times + claims + `},"previous":2}`},
		{bus.BookingCancelled, "salon/3-k2/4/0", head + "cancelled" + times + `[]},"previous":3}`},
	}
	told := ofChanges(t, w.input(1))
	for i, e := range told[:len(want)] {
		if e.Name != want[i].name || e.ID != want[i].id || string(e.Data) != want[i].data {
			t.Errorf("%s %s\n%s\nwant %s %s\n%s", e.Name, e.ID, e.Data, want[i].name, want[i].id, want[i].data)
		}
		if e.Venue != salon || e.Subject != string(id) || !e.Time.Equal(monday) || e.Revision != booking.Revision(i+2) || e.Epoch != epoch {
			t.Errorf("%+v", e)
		}
	}
	// All services that use ann or ben: colour starts that a claim of ann does not touch are not told.
	if rest := told[len(want):]; len(rest) != 1 || rest[0].Name != bus.AvailabilityChanged || rest[0].Subject != string(cut) {
		t.Errorf("then %+v", rest)
	}
}

// A picture that does not hold the changes is refused: its values would be those of another moment.
func TestPictureThatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	w.book(cut, at(11, 0), 1, false)
	if _, err := events.OfChanges(w.input(0)); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(in *events.Input){
		"none":          func(in *events.Input) { in.Picture = nil },
		"before":        func(in *events.Input) { in.Picture = w.pictures[1] },
		"another epoch": func(in *events.Input) { in.Epoch = "4-k3" },
		"another venue": func(in *events.Input) { in.Changes[0].Venue = "barber" },
	} {
		in := w.input(0)
		in.Changes = append([]booking.Change(nil), in.Changes...)
		spoil(&in)
		if told, err := events.OfChanges(in); !errors.Is(err, events.ErrPicture) || told != nil {
			t.Errorf("%s: %v, %v", name, told, err)
		}
	}
}

// names are the names and subjects of events, in their order.
func names(told []bus.Event) []string {
	all := make([]string, len(told))
	for i, e := range told {
		all[i] = strings.TrimSuffix(string(e.Name)+" "+e.Subject, " ")
	}
	return all
}

// What an older program has written states less; so does its event, and says nothing that is wrong.
func TestChangesOfAnOlderProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	claims := []booking.Claim{{Resource: "ann", Start: at(10, 55), End: at(11, 55), Units: 1}}
	base := booking.BookingTransition{ID: "bk_1", Service: cut, Start: at(11, 0), PartySize: 1}
	head := `{"booking":{"id":"bk_1","service":"`
	const (
		times   = `"start":"2026-10-19T11:00:00+02:00","end":"2026-10-19T11:45:00+02:00","party_size":1`
		claimed = `,"claims":[{"resource":"ann","start":"2026-10-19T10:55:00+02:00","end":"2026-10-19T11:55:00+02:00","units":1}]`
	)
	for name, test := range map[string]struct {
		edit func(t *booking.BookingTransition)
		want string
	}{
		"a hold": {
			func(t *booking.BookingTransition) { t.Status, t.Claimed = booking.Held, claims },
			head + `cut","status":"held",` + times + claimed + `}}`,
		},
		"a confirmation": {
			func(t *booking.BookingTransition) { t.Status = booking.Confirmed },
			head + `cut","status":"confirmed",` + times + `}}`,
		},
		"a cancellation": {
			func(t *booking.BookingTransition) { t.Status, t.Released = booking.Cancelled, claims },
			head + `cut","status":"cancelled",` + times + `,"claims":[]}}`,
		},
		"by claims, whatever the service has become": {
			func(t *booking.BookingTransition) {
				t.Status, t.Claimed = booking.Confirmed, []booking.Claim{{Resource: "ben", Start: at(11, 0), End: at(13, 0), Units: 1}}
				t.Service = colour
			},
			head + `colour","status":"confirmed","start":"2026-10-19T11:00:00+02:00","end":"2026-10-19T13:00:00+02:00","party_size":1,"claims":` +
				`[{"resource":"ben","start":"2026-10-19T11:00:00+02:00","end":"2026-10-19T13:00:00+02:00","units":1}]}}`,
		},
		"of a service that is not there": {
			func(t *booking.BookingTransition) { t.Status, t.Service = booking.Confirmed, "gone" },
			head + `gone","status":"confirmed","start":"2026-10-19T11:00:00+02:00","party_size":1}}`,
		},
	} {
		transition := base
		test.edit(&transition)
		c := booking.Change{Venue: salon, Revision: 1, Entries: []booking.Entry{{Kind: booking.BookingConfirmed, Booking: &transition}}}
		told := ofChanges(t, events.Input{Epoch: epoch, Changes: []booking.Change{c}, Picture: w.picture, Now: w.now})
		if got := string(told[0].Data); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// A transition of a kind that a later program makes is told by its own name, with what is known of it.
func TestKindsOfALaterProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	moved := booking.BookingTransition{ID: "bk_1", Service: cut, Status: "moved", Start: at(11, 0), End: at(11, 45), PartySize: 1}
	c := booking.Change{Venue: salon, Revision: 1, Entries: []booking.Entry{{Kind: "booking.rescheduled", Booking: &moved}}}
	told := ofChanges(t, events.Input{Epoch: epoch, Changes: []booking.Change{c}, Picture: w.picture, Now: w.now})
	if len(told) != 1 || told[0].Name.Type() != "vacancy.booking.rescheduled.v1" {
		t.Errorf("%+v", told)
	}
}

// An edit makes the services that it may concern be read anew, and no list of slots.
func TestEditsOfTheCatalogue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(w *world) booking.Entry
		want []string
	}{
		"the venue": {
			func(w *world) booking.Entry { v := w.picture.Venue; return booking.Entry{Venue: &v} },
			[]string{"availability.reset class", "availability.reset colour", "availability.reset cut"},
		},
		"the venue is archived": {
			func(w *world) booking.Entry { v := w.picture.Venue; v.Archived = true; return booking.Entry{Venue: &v} },
			[]string{"availability.reset class", "availability.reset colour", "availability.reset cut"},
		},
		"a resource of two services": {
			func(w *world) booking.Entry { r := w.picture.Resources["ben"]; return booking.Entry{Resource: &r} },
			[]string{"availability.reset colour", "availability.reset cut"},
		},
		"a resource of one": {
			func(w *world) booking.Entry {
				r := w.picture.Resources["ann"]
				r.Archived = true
				return booking.Entry{Resource: &r}
			},
			[]string{"availability.reset cut"},
		},
		"a resource of none": {
			func(*world) booking.Entry {
				return booking.Entry{Resource: &booking.Resource{Venue: salon, ID: "new", Capacity: 1}}
			},
			nil,
		},
		"a service": {
			func(w *world) booking.Entry { s := w.picture.Services[cut]; return booking.Entry{Service: &s} },
			[]string{"availability.reset cut"},
		},
		"a service is archived": {
			func(w *world) booking.Entry {
				s := w.picture.Services[cut]
				s.Archived = true
				return booking.Entry{Service: &s}
			},
			[]string{"availability.reset cut"},
		},
	} {
		w := newWorld(t, "Europe/Berlin", monday)
		before := w.picture.Revision
		w.commit(test.edit(w))
		told := ofChanges(t, w.input(before))
		if got := names(told); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		for _, e := range told {
			want := events.Reset{
				Service: booking.ServiceID(e.Subject), ValuesAt: events.ValuesAt{Epoch: epoch, Term: 3, Revision: 2}, AtLeast: "3-k2.2.0",
			}
			if got := decode[events.Reset](t, e); got != want || e.Revision != 2 {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
	}
	// With an edit among them, no slots of the service are listed: they are read anew.
	w := newWorld(t, "Europe/Berlin", monday)
	w.book(cut, at(11, 0), 1, false)
	s := w.picture.Services[cut]
	w.commit(booking.Entry{Service: &s})
	w.book(colour, at(20, 0), 1, false)
	want := []string{"availability.reset cut", "availability.changed colour"}
	if got := names(ofChanges(t, w.input(1))); !slices.Equal(got[2:], want) {
		t.Errorf("%v, want %v behind the bookings", got, want)
	}
}

// The slots of an event are those of GET to the byte, but for when they close.
func TestSlotsAreThoseOfGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	w.book(classes, at(21, 0), 4, false)
	told := ofChanges(t, w.input(1))
	want := `{"service":"class","time_zone":"Europe/Berlin","party_size":2,"values_at":{"epoch":"3-k2","term":3,"revision":2},"slots":[` +
		`{"start":"2026-10-19T21:00:00+02:00","end":"2026-10-19T22:00:00+02:00","remaining":2,"capacity":6,"status":"limited",` +
		`"closes_at":"2026-10-19T21:00:00+02:00"}]}`
	if got := string(told[1].Data); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	slot := wire.AppendSlot(nil, booking.Slot{
		Start: at(21, 0).In(w.picture.Zone), End: at(22, 0).In(w.picture.Zone), Remaining: 2, Capacity: 6, Status: booking.Limited,
	})
	if !bytes.Contains(told[1].Data, slot[:len(slot)-1]) {
		t.Errorf("GET has %s", slot)
	}
}

// Only starts that can be booked are told: none that time has closed, and none beyond the horizon.
func TestOnlyWhatCanBeBooked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	far := booking.BookingTransition{ID: "bk_1", Service: cut, Status: booking.Confirmed, Start: at(11, 0).AddDate(0, 0, 9), PartySize: 1}
	far.Claimed = []booking.Claim{{Resource: "ann", Start: far.Start, End: far.Start.Add(time.Hour), Units: 1}}
	w.commit(booking.Entry{Kind: booking.BookingConfirmed, Booking: &far})
	if got := names(ofChanges(t, w.input(1))); !slices.Equal(got, []string{"booking.confirmed bk_1"}) {
		t.Errorf("beyond the horizon: %v", got)
	}
	w.book(cut, at(11, 0), 1, false)
	starts := func() (all []string) {
		for _, e := range ofChanges(t, w.input(2)) {
			if e.Name == bus.AvailabilityChanged {
				for _, s := range decode[events.Slots](t, e).Slots {
					all = append(all, s.Start[11:16])
				}
			}
		}
		return all
	}
	if got := starts(); !slices.Equal(got, []string{"10:30", "11:00"}) {
		t.Errorf("at eight: %v", got)
	}
	w.now = w.now.Add(30 * time.Minute) // from here on, half past ten is inside the notice
	if got := starts(); !slices.Equal(got, []string{"11:00"}) {
		t.Errorf("at half past eight: %v", got)
	}
	w.now = w.now.Add(2 * time.Hour)
	if got := starts(); got != nil {
		t.Errorf("at half past ten: %v", got)
	}
}

// An id is the same for the same content, and another for any other: brokers drop what has an id that they have seen.
func TestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	for range 4 {
		w.book(classes, at(21, 0), 1, false)
		w.book(classes, at(21, 0), 2, false)
		w.book(cut, at(11, 0), 1, false)
	}
	last := w.picture.Revision
	ofPicture := func(first, picture booking.Revision) []bus.Event {
		return ofChanges(t, events.Input{Epoch: epoch, Changes: w.changes[first-1 : last-1], Picture: w.pictures[picture], Now: w.now})
	}
	if a, b := ofPicture(2, last), ofPicture(2, last); !reflect.DeepEqual(a, b) {
		t.Error("the same changes and picture make other events")
	}
	of := func(told []bus.Event) (ids []string) {
		for _, e := range told {
			if e.Name == bus.AvailabilityChanged {
				ids = append(ids, e.ID)
			}
		}
		return ids
	}
	seen := ofPicture(2, last)
	for name, other := range map[string][]bus.Event{"another beginning": ofPicture(3, last), "another picture": ofPicture(2, last-1)} {
		for _, id := range of(other) {
			if slices.Contains(of(seen), id) {
				t.Errorf("%s makes the id %s again", name, id)
			}
		}
	}
	all := ofPicture(2, last)
	ids := map[string]bool{}
	for _, e := range all {
		if ids[e.ID] || len(e.ID) > 255 { // what RabbitMQ takes
			t.Errorf("the id %s comes twice, or is too long", e.ID)
		}
		ids[e.ID] = true
	}
}

// A venue that is the server's own is told to nobody.
func TestHiddenVenue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	w.book(cut, at(11, 0), 1, false)
	hidden := *w.picture
	hidden.Venue.ID = booking.ProbeVenue
	in := w.input(0)
	in.Picture = &hidden
	for i := range in.Changes {
		in.Changes[i].Venue = booking.ProbeVenue
	}
	told := ofChanges(t, in)
	opened, _ := events.DayOpened(&hidden, "2026-10-01 Europe/Berlin", w.now)
	if check := events.Checkpoint(&hidden, w.now); len(told)+len(opened)+len(check) > 0 {
		t.Errorf("%v, %v, %v", told, opened, check)
	}
	if told := ofChanges(t, events.Input{}); told != nil {
		t.Errorf("no changes make %v", told)
	}
}

// A service with very many starts is read anew instead of listed, and what is listed fits into events.
func TestVeryManySlots(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "UTC", monday)
	allDay := booking.Resource{Venue: salon, ID: "room", Capacity: 6}
	for i := range allDay.Schedule.Weekly {
		allDay.Schedule.Weekly[i] = []booking.Period{{Open: 0, Close: 24 * 60}}
	}
	service := w.picture.Services[classes]
	service.Step, service.HorizonDays = time.Minute, 20
	w.commit(booking.Entry{Resource: &allDay}, booking.Entry{Service: &service})
	before := w.picture.Revision
	for _, test := range []struct {
		days  int
		reset bool
	}{{1, false}, {5, false}, {8, true}} {
		w.commit(booking.Entry{Kind: booking.BookingConfirmed, Booking: &booking.BookingTransition{
			ID: "bk_1", Service: classes, Status: booking.Confirmed, Start: monday.AddDate(0, 0, 1), PartySize: 1,
			Claimed: []booking.Claim{{Resource: "room", Start: monday.AddDate(0, 0, 1), End: monday.AddDate(0, 0, 1+test.days), Units: 1}},
		}})
		told := ofChanges(t, w.input(before))
		before = w.picture.Revision
		slots := 0
		for i, e := range told[1:] {
			if len(e.Data) > bus.MaxEventSize || e.Index != i {
				t.Errorf("event %d of %d days has %d bytes and index %d", i, test.days, len(e.Data), e.Index)
			}
			if reset := e.Name == bus.AvailabilityReset; reset != test.reset {
				t.Errorf("%d days make %s", test.days, e.Name)
			}
			if e.Name == bus.AvailabilityChanged {
				slots += len(decode[events.Slots](t, e).Slots)
			}
		}
		if want := test.days*24*60 + 59; !test.reset && slots != want {
			t.Errorf("%d days make %d slots, want %d", test.days, slots, want)
		}
	}
}

// fields are all that events may have: nothing of it is of a person. A field that is added is to be thought about.
var fields = strings.Fields(`
	booking previous id service status start end party_size claims resource units expires_at
	time_zone date values_at epoch term revision slots remaining capacity closes_at at_least
	as_of closes_after services from to days previous_epoch previous_term last_common_revision`)

func TestNoPersonalData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	id, _ := w.book(cut, at(11, 0), 1, true)
	w.confirm(id) // by a key that is named after somebody
	w.cancel(id)
	told := ofChanges(t, w.input(0))
	told = append(told, ofChanges(t, w.input(1))...)
	opened, _ := events.DayOpened(w.picture, "2026-10-18 Europe/Berlin", w.now)
	told = append(append(told, opened...), events.Checkpoint(w.picture, w.now)...)
	told = append(told, events.VenueReset(salon, "4-a", epoch, 2, w.now), events.Gap(salon, epoch, 2, 3, w.now))
	kinds := make(map[bus.Name]bool)
	for _, e := range told {
		kinds[e.Name] = true
		if bytes.Contains(e.Data, []byte("frieda")) || bytes.Contains(e.Data, []byte("staff")) {
			t.Errorf("%s names who did it: %s", e.Name, e.Data)
		}
		var data any
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		checkFields(t, e.Name, data)
	}
	if len(kinds) != 9 {
		t.Errorf("looked at %v alone", kinds)
	}
}

func checkFields(t *testing.T, in bus.Name, data any) {
	t.Helper()
	switch data := data.(type) {
	case map[string]any:
		for field, value := range data {
			if _, err := booking.ParseDate(field); err != nil && !slices.Contains(fields, field) {
				t.Errorf("%s has a field %s", in, field)
			}
			checkFields(t, in, value)
		}
	case []any:
		for _, value := range data {
			checkFields(t, in, value)
		}
	}
}

// Whatever a transition holds, it makes events, and JSON.
func TestAnyTransitionMakesEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "America/Havana", monday)
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return rapid.SampledFrom([]time.Time{{}, monday, time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC), time.Unix(-1<<40, 5)}).Draw(t, "about").
			Add(time.Duration(rapid.Int64().Draw(t, "off")))
	})
	claims := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) booking.Claim {
		return booking.Claim{
			Resource: rapid.SampledFrom([]booking.ResourceID{"ann", "ben", "room", "gone", ""}).Draw(t, "resource"),
			Start:    instant.Draw(t, "start"), End: instant.Draw(t, "end"), Units: rapid.Int().Draw(t, "units"),
		}
	}), 0, 4)
	rapid.Check(t, func(rt *rapid.T) {
		transition := booking.BookingTransition{
			ID:      booking.BookingID(rapid.String().Draw(rt, "id")),
			Service: booking.ServiceID(rapid.SampledFrom([]string{"cut", "x\"\xff"}).Draw(rt, "of")),
			Status:  rapid.SampledFrom([]booking.Status{booking.Held, booking.Confirmed, booking.Expired, ""}).Draw(rt, "status"),
			Start:   instant.Draw(rt, "start"), End: instant.Draw(rt, "end"), ExpiresAt: instant.Draw(rt, "expires"),
			PartySize: rapid.Int().Draw(rt, "party"),
			Claimed:   claims.Draw(rt, "claimed"), Released: claims.Draw(rt, "released"), Unchanged: claims.Draw(rt, "unchanged"),
		}
		c := booking.Change{Venue: salon, Revision: 1, Entries: []booking.Entry{{Kind: "", Booking: &transition}, {}}}
		in := events.Input{Epoch: epoch, Changes: []booking.Change{c}, Picture: w.picture, Now: instant.Draw(rt, "now")}
		for _, e := range ofChanges(t, in) {
			if !json.Valid(e.Data) || len(e.Data) > bus.MaxEventSize {
				rt.Errorf("%s", e.Data)
			}
		}
		events.DayOpened(w.picture, rapid.String().Draw(rt, "since"), in.Now)
	})
}

// The names of the events of bookings are the kinds of the entries, so that one which a later program adds needs no table here.
func TestNamesAreKinds(t *testing.T) {
	t.Parallel()
	for kind, name := range map[booking.EntryKind]bus.Name{
		booking.BookingHeld: bus.BookingHeld, booking.BookingConfirmed: bus.BookingConfirmed, booking.BookingExtended: bus.BookingExtended,
		booking.BookingExpired: bus.BookingExpired, booking.BookingCancelled: bus.BookingCancelled,
	} {
		if string(kind) != string(name) {
			t.Errorf("an entry of kind %s makes an event %s, which is to be %s", kind, bus.Name(kind), name)
		}
	}
}
