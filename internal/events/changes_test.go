package events_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
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
