package storetest

import (
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var valueChecks = []Check{
	{"values/instants in microseconds", valueMicroseconds},
	{"values/instants of any zone", valueZones},
	{"values/instants far away", valueFar},
	{"values/texts", valueTexts},
	{"values/ids in the order of their bytes", valueIDs},
	{"values/the clock", valueClock},
}

func valueMicroseconds(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	odd := 123_456_789 * time.Nanosecond
	b := SampleHold("salon", 1, Slot.Add(odd), Slot.Add(-odd), Chair1)
	b.CreatedAt, b.UpdatedAt = Morning.Add(1), Morning.Add(999)
	f.Change("salon", func(d *Draft) {
		d.Book(b)
		d.Answers = []booking.Answer{SampleAnswer(1, Morning.Add(odd))}
	})
	micros := func(instants ...*time.Time) {
		for _, i := range instants {
			*i = i.Truncate(time.Microsecond)
		}
	}
	micros(&b.Start, &b.End, &b.ExpiresAt, &b.CreatedAt, &b.UpdatedAt, &b.Claims[0].Start, &b.Claims[0].End)
	b.Revision = 2
	same(t, "booking", f.Booking("salon", b.ID), b)
	same(t, "claims", f.Load("salon").Claims, b.Claims)
	found := f.Find(store.Need{Venue: "salon", Known: 1, Answers: []booking.AnswerKey{SampleAnswer(1, Morning).Key}})
	same(t, "start in a change", found.Changes[0].Entries[0].Booking.Start, b.Start)
	same(t, "claims in a change", found.Changes[0].Entries[0].Booking.Takes, b.Claims)
	sameAnswers(t, "answer", found.Answers, SampleAnswer(1, Morning.Add(odd).Truncate(time.Microsecond)))
}

func valueZones(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	zone := time.FixedZone("+05:30", 5*3600+1800)
	want := SampleHold("salon", 1, Slot, Slot, Chair1)
	b := SampleHold("salon", 1, Slot.In(zone), Slot.In(zone), Chair1)
	b.CreatedAt, b.UpdatedAt, b.WallStart = b.CreatedAt.In(zone), b.UpdatedAt.In(zone), want.WallStart
	f.Clock.Set(f.Clock.Now().In(zone))
	f.Change("salon", func(d *Draft) {
		same(t, "time found", d.Found.Now, Morning)
		d.Change.CommittedAt = d.Change.CommittedAt.In(zone)
		d.Book(b)
	})
	want.Revision = 2
	same(t, "booking", f.Booking("salon", b.ID), want)
	same(t, "claims", f.Load("salon").Claims, want.Claims)
	same(t, "time of the change", f.Find(store.Need{Venue: "salon", Known: 1}).Changes[0].CommittedAt, Morning)
	page, err := f.Store.Bookings(t.Context(), "salon", store.Filter{From: Slot.In(zone), Limit: 1})
	must(t, "list from a time in another zone", err)
	same(t, "listing from a time in another zone", idsOf(page), sampleIDs(1))
	loaded, err := f.Store.Load(t.Context(), "salon", want.Claims[0].End.In(zone))
	must(t, "load since a time in another zone", err)
	same(t, "claims since a time in another zone", loaded.Claims, nil)
	if got := f.Booking("salon", b.ID).Start.Location(); got != time.UTC {
		t.Errorf("a time came back in %v", got)
	}
}

func valueFar(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	var want []booking.Booking
	for n, start := range []time.Time{
		time.Date(1899, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2262, 4, 12, 0, 0, 0, 0, time.UTC), // beyond what int64 nanoseconds hold
		time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		b := SampleBooking("salon", n, start, Chair1)
		f.Change("salon", func(d *Draft) { d.Book(b) })
		b.Revision = booking.Revision(n + 2)
		want = append(want, b)
	}
	page, err := f.Store.Bookings(t.Context(), "salon", store.Filter{Limit: 10})
	must(t, "list", err)
	same(t, "bookings far away", page, want)
	same(t, "number of claims in the future", len(f.Load("salon").Claims), 2)
}

func valueTexts(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	for n, text := range []string{
		`'; DROP TABLE bookings; --`, `"quoted" \ 100% $1 ?1 :x @y {"a":[1]}`, "Zoë Zoe\u0308 ŽIŽEK straße İstanbul", "予約 вход שלום مرحبا",
		"👩🏽‍🦰 \U0010FFFF \uFEFF", "tab\tand\nlines\r\n", " spaces around ", "null", "0", "-1e5", strings.Repeat("ü", 2000), strings.Repeat("𝔘", 2000),
	} {
		venue := booking.VenueID("salon")
		v, r, s := SampleVenue(venue), SampleResource(venue, Chair1), SampleService(venue, Cut, Chair1)
		b := SampleBooking(venue, n, Slot, Chair1)
		v.Name, v.Contact.Phone, v.AllowedOrigins, r.Name, s.Name, s.Description = text, text, []string{text}, text, text, text
		b.Customer = booking.Customer{Name: text, Email: text, Phone: text, Note: text}
		var change booking.Change
		f.Change(venue, func(d *Draft) {
			d.PutVenue(v)
			d.PutResource(r)
			d.PutService(s)
			d.Book(b)
			d.Change.Entries[0].Actor, d.Change.Batch = text, text
			change = d.Change
		})
		loaded := f.Load(venue)
		got := []any{
			loaded.Venue.Name, loaded.Venue.Contact.Phone, loaded.Venue.AllowedOrigins[0], loaded.Resources[0].Name,
			loaded.Services[0].Name, loaded.Services[0].Description, f.Booking(venue, b.ID).Customer,
		}
		same(t, "texts", got, []any{text, text, text, text, text, text, b.Customer})
		same(t, "change", f.Find(store.Need{Venue: venue, Known: change.Revision - 1}).Changes, []booking.Change{change})
	}
}

// valueIDs uses ids that languages sort in other ways than bytes, all of the greatest length.
func valueIDs(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	long := strings.Repeat("x", 61)
	ascending := []string{long + "a--", long + "a-z", long + "a0-", long + "a_-", long + "aa-", long + "ab_"}
	venue := booking.VenueID(strings.Repeat("v", 64))
	f.Change(venue, func(d *Draft) {
		d.PutVenue(SampleVenue(venue))
		for _, i := range []int{3, 0, 5, 1, 4, 2} {
			id := ascending[i]
			d.PutResource(SampleResource(venue, booking.ResourceID(id)))
			d.PutService(SampleService(venue, booking.ServiceID(id), booking.ResourceID(id)))
			b := SampleBooking(venue, 0, Slot, booking.ResourceID(id))
			b.ID = booking.BookingID(id)
			d.Book(b)
		}
	})
	loaded := f.Load(venue)
	page, err := f.Store.Bookings(t.Context(), venue, store.Filter{Limit: 10})
	must(t, "list", err)
	for i, id := range ascending {
		same(t, "resource", loaded.Resources[i].ID, id)
		same(t, "service", loaded.Services[i].ID, id)
		same(t, "booking", page[i].ID, id)
	}
	page, err = f.Store.Bookings(t.Context(), venue, store.Filter{AfterStart: Slot, AfterID: booking.BookingID(ascending[2]), Limit: 1})
	must(t, "list", err)
	same(t, "the booking after", idsOf(page), []string{ascending[3]})
}

func valueClock(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.Clock.Set(Slot.In(time.FixedZone("", 3600)).Add(1999))
	now, err := f.Store.Now(t.Context())
	must(t, "now", err)
	same(t, "now, in whole microseconds", now, Slot.Add(time.Microsecond))
	same(t, "now found", f.Find(store.Need{Venue: "salon"}).Now, Slot.Add(time.Microsecond))
}
