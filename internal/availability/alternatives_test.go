package availability_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// twoWeeks is how far a world must reach for alternatives.
const twoWeeks = 17

// nearest are the minutes at which the party can book, within two weeks of the refused start and not it: the nearest first, the
// earlier of two equally near.
func (w *world) nearest(refused time.Time, party, most int) []int {
	at := w.minute(refused)
	var fitting []int
	for i := at - 14*24*60; i <= at+14*24*60; i++ {
		if i != at && slices.ContainsFunc(w.members, func(m naiveMember) bool { return m.start[i] }) && w.judge(i, "").fits(party) {
			fitting = append(fitting, i)
		}
	}
	slices.SortStableFunc(fitting, func(a, b int) int { return cmp.Compare(max(at-a, a-at), max(at-b, b-at)) })
	return fitting[:min(most, len(fitting))]
}

// Alternatives are the nearest slots that the party can book, and Fit accepts each.
func TestAlternativesAreTheNearest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, twoWeeks)
		w.query.Service.HorizonDays = rapid.IntRange(1, 20).Draw(t, "horizon")
		size := w.query.Service.PartySize
		party := rapid.IntRange(size.Min, size.Max).Draw(t, "party")
		most := rapid.IntRange(1, 12).Draw(t, "most")
		refused := time.Date(date.Year, date.Month, date.Day, 0, rapid.IntRange(0, 95).Draw(t, "quarter")*15, 0, 0, time.UTC)
		got := availability.Alternatives(w.query, refused, party, most)

		// The other members come first, at the refused start itself.
		for _, m := range w.members {
			j := w.judge(w.minute(refused), m.id)
			if w.query.Resource == "" || m.id == w.query.Resource || !j.fits(party) || most == 0 {
				continue
			}
			if len(got) == 0 || got[0].Resource != m.id || got[0].Slot != j.start.Slot(w.query.Service, party) {
				t.Fatalf("%+v, want %s at the refused start", got, m.id)
			}
			got, most = got[1:], most-1
		}
		want := w.nearest(refused, party, most)
		if len(got) != len(want) {
			t.Fatalf("%d alternatives, want %d", len(got), len(want))
		}
		for n, alternative := range got {
			w.checkAlternative(t, alternative, want[n], party)
		}
	})
}

func (w *world) checkAlternative(t *rapid.T, a booking.Alternative, minute, party int) {
	if (a.Resource == "") != (w.query.Resource == "") {
		t.Fatalf("%+v, chosen %q", a, w.query.Resource)
	}
	if j := w.judge(minute, w.query.Resource); a.Resource != w.query.Resource && j.fits(party) {
		t.Fatalf("%+v, but %s is free", a, w.query.Resource)
	}
	if want := w.judge(minute, a.Resource).start.Slot(w.query.Service, party); a.Slot != want || want.Status == booking.Full {
		t.Fatalf("%+v, want %+v", a.Slot, want)
	}
	q := w.query
	q.Resource = a.Resource
	if _, err := availability.Fit(q, a.Start, party); err != nil {
		t.Fatalf("%+v is refused: %v", a, err)
	}
}

// barbers are three people with one chair each, open 9 to 12 on Tuesday 2026-11-24 and the days around it; the first is also open
// in the afternoon.
func barbers(t *testing.T) availability.Query {
	t.Helper()
	q := availability.Query{
		Zone: berlin(t),
		Service: booking.Service{
			Duration: 30 * time.Minute, Step: 30 * time.Minute, HorizonDays: 30, PartySize: booking.PartySize{Min: 1, Max: 1},
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"anna", "ben", "cem"}, Units: 1}},
		},
		Resources: map[booking.ResourceID]booking.Resource{},
		Ledgers:   books{},
		Now:       time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
	}
	for _, id := range q.Service.Requires[0].AnyOf {
		q.Resources[id] = booking.Resource{ID: id, Capacity: 1, Schedule: daily(t, "09:00-12:00")}
	}
	q.Resources["anna"] = booking.Resource{ID: "anna", Capacity: 1, Schedule: daily(t, "09:00-12:00", "13:00-15:00")}
	return q
}

func berlin(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := booking.LoadZone("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

func daily(tb testing.TB, texts ...string) (s booking.Schedule) {
	tb.Helper()
	for _, text := range texts {
		period, err := booking.ParsePeriod(text)
		if err != nil {
			tb.Fatal(err)
		}
		for day := range s.Weekly {
			s.Weekly[day] = append(s.Weekly[day], period)
		}
	}
	return s
}

// clock is a time of 2026-11-24 in Berlin.
func clock(tb testing.TB, text string) time.Time {
	tb.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-24 "+text, berlin(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// book takes the member from a time of the day to another.
func book(tb testing.TB, q availability.Query, id booking.ResourceID, start, end string, units int) {
	tb.Helper()
	take(q, booking.Claim{Resource: id, Start: clock(tb, start), End: clock(tb, end), Units: units})
}

func offered(alternatives []booking.Alternative) (texts []string) {
	for _, a := range alternatives {
		texts = append(texts, a.Start.Format("02 15:04 ")+string(a.Resource))
	}
	return texts
}

func TestAlternativesByHand(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	for _, id := range []booking.ResourceID{"anna", "ben", "cem"} {
		book(t, q, id, "10:00", "10:30", 1)
	}
	book(t, q, "anna", "09:30", "10:00", 1)

	t.Run("without a choice", func(t *testing.T) {
		t.Parallel()
		want := []string{"24 09:30 ", "24 10:30 ", "24 09:00 ", "24 11:00 ", "24 11:30 "}
		if got := offered(availability.Alternatives(q, clock(t, "10:00"), 1, 5)); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("the chosen one where she is free, else another", func(t *testing.T) {
		t.Parallel()
		q := q
		q.Resource = "anna"
		want := []string{"24 09:30 ben", "24 10:30 anna", "24 09:00 anna", "24 11:00 anna", "24 11:30 anna", "24 13:00 anna"}
		if got := offered(availability.Alternatives(q, clock(t, "10:00"), 1, 6)); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("another at the same start", func(t *testing.T) {
		t.Parallel()
		q := q
		q.Resource = "anna"
		want := []string{"24 09:30 ben", "24 09:30 cem", "24 09:00 anna"}
		if got := offered(availability.Alternatives(q, clock(t, "09:30"), 1, 3)); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("of a start that is none", func(t *testing.T) {
		t.Parallel()
		want := []string{"24 09:00 ", "24 09:30 "}
		if got := offered(availability.Alternatives(q, clock(t, "07:07").Add(8*time.Millisecond), 1, 2)); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("none for a party or a choice that is not the service's", func(t *testing.T) {
		t.Parallel()
		q := q
		if got := availability.Alternatives(q, clock(t, "10:00"), 2, 5); got != nil {
			t.Errorf("%q", offered(got))
		}
		q.Resource = "dora"
		if got := availability.Alternatives(q, clock(t, "10:00"), 1, 5); got != nil {
			t.Errorf("%q", offered(got))
		}
	})
	t.Run("none farther than two weeks", func(t *testing.T) {
		t.Parallel()
		q := q
		q.Now = q.Now.AddDate(0, 1, 0)
		if got := availability.Alternatives(q, clock(t, "10:00"), 1, 5); len(got) != 0 {
			t.Errorf("%q", offered(got))
		}
	})
}

// counting counts the questions to the ledgers.
type counting struct {
	availability.Ledgers
	asked *int
}

func (c counting) Taken(id booking.ResourceID, start, end time.Time) int {
	*c.asked++
	return c.Ledgers.Taken(id, start, end)
}

// When everything is taken, the search ends all the same, even for a service that starts every minute.
func TestTheSearchIsBounded(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Service.Step = time.Minute
	for _, id := range q.Service.Requires[0].AnyOf {
		q.Resources[id] = booking.Resource{ID: id, Capacity: 1, Schedule: daily(t, "00:00-24:00")}
		book(t, q, id, "00:00", "00:01", 1)
		start := clock(t, "00:00").AddDate(0, 0, -30)
		take(q, booking.Claim{Resource: id, Start: start, End: start.AddDate(0, 0, 60), Units: 1})
	}
	asked := 0
	q.Ledgers = counting{q.Ledgers, &asked}
	if got := availability.Alternatives(q, clock(t, "10:00"), 1, 5); len(got) != 0 {
		t.Errorf("%q", offered(got))
	}
	if asked > 3*4000 {
		t.Errorf("the ledgers were asked %d times", asked)
	}
}
