package events_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
)

// A checkpoint of a venue with one slot a day, by hand: whoever writes a consumer can begin with it.
func TestCheckpointByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	ann := w.picture.Resources["ann"]
	for i := range ann.Schedule.Weekly {
		ann.Schedule.Weekly[i] = []booking.Period{{Open: 9 * 60, Close: 10 * 60}}
	}
	ann.Schedule.Exceptions = []booking.Exception{{Date: booking.Date{Year: 2026, Month: 10, Day: 21}, Closed: true}}
	cutting := w.picture.Services[cut]
	cutting.Requires = []booking.Requirement{{AnyOf: []booking.ResourceID{"ann"}, Units: 1}}
	cutting.MinNotice, cutting.HorizonDays = time.Hour, 2
	others := []booking.Service{w.picture.Services[colour], w.picture.Services[classes]}
	w.commit(booking.Entry{Resource: &ann}, booking.Entry{Service: &cutting})
	for _, s := range others {
		s.Archived = true
		w.commit(booking.Entry{Service: &s})
	}
	w.now = time.Date(2026, 10, 19, 4, 30, 0, 123_456_789, time.UTC)
	told := events.Checkpoint(w.picture, w.now)
	digest := func(lines string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(lines)))[:16] }
	monday, tuesday := digest("1792393200 1792395900 1 1 available\n"), digest("1792479600 1792482300 1 1 available\n")
	want := `{"time_zone":"Europe/Berlin","values_at":{"epoch":"3-k2","term":3,"revision":4},"as_of":"2026-10-19T04:30:00.123456789Z",` +
		`"closes_after":"2026-10-19T04:40:00Z","services":[{"service":"cut","party_size":1,"from":"2026-10-18","to":"2026-10-21",` +
		`"days":{"2026-10-19":"` + monday + `","2026-10-20":"` + tuesday + `"}}]}`
	if len(told) != 1 || string(told[0].Data) != want {
		t.Fatalf("%s\nwant\n%s", told[0].Data, want)
	}
	// Shortly before the notice, the slot of Monday counts no more: it would be gone while a consumer compares.
	w.now = time.Date(2026, 10, 19, 5, 50, 0, 0, time.UTC)
	days := decode[events.CheckpointData](t, events.Checkpoint(w.picture, w.now)[0]).Services[0].Days
	if got := slices.Sorted(maps.Keys(days)); !slices.Equal(got, []string{"2026-10-20"}) {
		t.Errorf("the days are %v", got)
	}
}

// A consumer finds each slot that it lacks, has too much, or has with another value.
func TestCheckpointFindsLosses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Europe/Berlin", monday)
	w.book(cut, at(11, 0), 1, false)
	told := decode[events.CheckpointData](t, events.Checkpoint(w.picture, w.now)[0])
	for name, spoil := range map[string]func(s *serviceCopy, start string){
		"":                    func(*serviceCopy, string) {},
		"cut 2026-10-20 lost": func(s *serviceCopy, start string) { delete(s.slots, start) },
		"cut 2026-10-20 otherwise": func(s *serviceCopy, start string) {
			slot := s.slots[start]
			slot.value.Remaining--
			s.slots[start] = slot
		},
		"cut 2026-10-18 too much": func(s *serviceCopy, start string) {
			slot := s.slots[start]
			slot.value.Start = "2026-10-18T10:00:00+02:00"
			s.slots[slot.value.Start] = slot
		},
	} {
		c := newConsumer()
		for _, id := range []string{"cut", "colour", "class"} {
			slots, _ := fresh(w.picture, id, w.now)
			for _, s := range slots {
				c.service(id).slots[s.Start] = known[events.Slot]{value: s}
			}
		}
		spoil(c.service("cut"), "2026-10-20T09:00:00+02:00")
		var want []string
		if name != "" {
			want = []string{name[:len("cut 2026-10-20")]}
		}
		if got := c.check(told); !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Many services make several events, and a service with very many starts is checked for as many days as there is time for.
func TestLargeCheckpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "UTC", monday)
	allDay := w.picture.Resources["room"]
	for i := range allDay.Schedule.Weekly {
		allDay.Schedule.Weekly[i] = []booking.Period{{Open: 0, Close: 24 * 60}}
	}
	service := w.picture.Services[classes]
	service.Step, service.Duration, service.HorizonDays = 24*time.Hour, 24*time.Hour, booking.MaxHorizonDays
	service.ID, service.Requires = "minutes", []booking.Requirement{{AnyOf: []booking.ResourceID{"room"}, Units: 1}}
	minutes := service
	minutes.Step, minutes.Duration = time.Minute, time.Minute
	entries := []booking.Entry{{Resource: &allDay}, {Service: &minutes}}
	for i := range 20 {
		daily := service
		daily.ID = booking.ServiceID(fmt.Sprintf("daily-%02d", i))
		entries = append(entries, booking.Entry{Service: &daily})
	}
	w.commit(entries...)
	told := events.Checkpoint(w.picture, w.now)
	if len(told) != 3 {
		t.Errorf("%d events", len(told))
	}
	seen := make(map[booking.ServiceID]events.ServiceCheckpoint)
	for i, e := range told {
		if len(e.Data) > bus.MaxEventSize || e.Index != i || e.Name != bus.VenueCheckpoint || e.Revision != w.picture.Revision {
			t.Errorf("%d bytes, %+v", len(e.Data), e.ID)
		}
		for _, s := range decode[events.CheckpointData](t, e).Services {
			seen[s.Service] = s
		}
	}
	if len(seen) != 24 || len(seen["daily-07"].Days) != booking.MaxHorizonDays {
		t.Errorf("%d services; daily: %d days", len(seen), len(seen["daily-07"].Days))
	}
	if s := seen["minutes"]; s.To != "2026-11-07" || len(s.Days) != 20 {
		t.Errorf("by the minute: from %s to %s, %d days", s.From, s.To, len(s.Days))
	}
}
