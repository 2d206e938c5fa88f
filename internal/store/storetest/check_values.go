package storetest

import (
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var valueChecks = []check{
	{"values/instants in microseconds", valueMicroseconds},
	{"values/instants of any zone", valueZones},
	{"values/instants far away", valueFar},
	{"values/texts", valueTexts},
	{"values/ids in the order of their bytes", valueIDs},
	{"values/the clock", valueClock},
}

func valueMicroseconds(f *Fixture) {
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
	f.same("booking", f.Booking("salon", b.ID), b)
	f.same("claims", f.Load("salon").Claims, b.Claims)
	found := f.Find(store.Need{Venue: "salon", Known: 1, Answers: []booking.AnswerKey{SampleAnswer(1, Morning).Key}})
	f.same("start in a change", found.Changes[0].Entries[0].Booking.Start, b.Start)
	f.same("end in a change", found.Changes[0].Entries[0].Booking.End, b.End)
	f.same("expiry in a change", found.Changes[0].Entries[0].Booking.ExpiresAt, b.ExpiresAt)
	f.same("claims in a change", found.Changes[0].Entries[0].Booking.Claimed, b.Claims)
	f.sameAnswers("answer", found.Answers, 2, SampleAnswer(1, Morning.Add(odd).Truncate(time.Microsecond)))
}

func valueZones(f *Fixture) {
	f.PutCatalogue("salon")
	zone := time.FixedZone("+05:30", 5*3600+1800)
	want := SampleHold("salon", 1, Slot, Slot, Chair1)
	b := SampleHold("salon", 1, Slot.In(zone), Slot.In(zone), Chair1)
	b.CreatedAt, b.UpdatedAt, b.WallStart = b.CreatedAt.In(zone), b.UpdatedAt.In(zone), want.WallStart
	f.Clock.Set(f.Clock.Now().In(zone))
	f.Change("salon", func(d *Draft) {
		f.same("time found", d.Found.Now, Morning)
		d.Change.CommittedAt = d.Change.CommittedAt.In(zone)
		d.Book(b)
	})
	want.Revision = 2
	f.same("booking", f.Booking("salon", b.ID), want)
	f.same("claims", f.Load("salon").Claims, want.Claims)
	f.same("time of the change", f.Find(store.Need{Venue: "salon", Known: 1}).Changes[0].CommittedAt, Morning)
	page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{From: Slot.In(zone), Limit: 1})
	f.must("list from a time in another zone", err)
	f.same("listing from a time in another zone", idsOf(page), sampleIDs(1))
	loaded, err := f.Store.Load(f.Context(), "salon", want.Claims[0].End.In(zone))
	f.must("load since a time in another zone", err)
	f.same("claims since a time in another zone", loaded.Claims, nil)
	if got := f.Booking("salon", b.ID).Start.Location(); got != time.UTC {
		f.Errorf("a time came back in %v", got)
	}
}

func valueFar(f *Fixture) {
	f.PutCatalogue("salon")
	want := make([]booking.Booking, 0, 4)
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
	page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{Limit: 10})
	f.must("list", err)
	f.same("bookings far away", page, want)
	f.same("number of claims in the future", len(f.Load("salon").Claims), 2)
}

func valueTexts(f *Fixture) {
	for n, text := range []string{
		`'; DROP TABLE bookings; --`, `"quoted" \ 100% $1 ?1 :x @y {"a":[1]}`, "Zoë Zoe\u0308 ŽIŽEK straße İstanbul", "予約 вход שלום مرحبا",
		"👩🏽‍🦰 \U0010FFFF \uFEFF", "tab\tand\nlines\r\n", " spaces around ", "null", "0", "-1e5",
		strings.Repeat("ü", 2000), strings.Repeat("𝔘", 2000),
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
		f.same("texts", got, []any{text, text, text, text, text, text, b.Customer})
		f.same("change", f.Find(store.Need{Venue: venue, Known: change.Revision - 1}).Changes, []booking.Change{change})
	}
}

// valueIDs uses ids that languages sort in other ways than bytes, all of the greatest length.
func valueIDs(f *Fixture) {
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
	page, err := f.Store.Bookings(f.Context(), venue, store.Filter{Limit: 10})
	f.must("list", err)
	for i, id := range ascending {
		f.same("resource", loaded.Resources[i].ID, id)
		f.same("service", loaded.Services[i].ID, id)
		f.same("booking", page[i].ID, id)
	}
	page, err = f.Store.Bookings(f.Context(), venue, store.Filter{AfterStart: Slot, AfterID: booking.BookingID(ascending[2]), Limit: 1})
	f.must("list", err)
	f.same("the booking after", idsOf(page), []string{ascending[3]})
}

func valueClock(f *Fixture) {
	f.Clock.Set(Slot.In(time.FixedZone("", 3600)).Add(1999))
	now, err := f.Store.Now(f.Context())
	f.must("now", err)
	f.same("now, in whole microseconds", now, Slot.Add(time.Microsecond))
	f.same("now found", f.Find(store.Need{Venue: "salon"}).Now, Slot.Add(time.Microsecond))
}
