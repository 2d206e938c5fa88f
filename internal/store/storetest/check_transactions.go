package storetest

import (
	"context"
	"errors"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var transactionChecks = []check{
	{"transactions/read only", transactionReadOnly},
	{"transactions/decide fails", transactionDecideFails},
	{"transactions/decide panics", transactionDecidePanics},
	{"transactions/all venues or none", transactionAllOrNone},
	{"transactions/several venues", transactionSeveralVenues},
	{"transactions/a venue that does not exist", transactionNoVenue},
	{"transactions/rejected writes", transactionRejected},
	{"transactions/venues apart", transactionVenuesApart},
	{"transactions/cancelled", transactionCancelled},
}

func transactionReadOnly(f *Fixture) {
	f.PutCatalogue("salon")
	err := f.Store.Update(f.Context(), []store.Need{{Venue: "salon"}}, func(found []store.Found) ([]store.Write, error) {
		// Without a revision, nothing of a write counts.
		return []store.Write{{New: []booking.Booking{SampleBooking("salon", 1, Slot, Chair1)}}}, nil
	})
	f.must("a transaction that changes nothing", err)
	f.same("revision", f.Revision("salon"), booking.Revision(1))
	f.same("claims", f.Load("salon").Claims, nil)
	_, err = f.Store.Booking(f.Context(), "salon", BookingID(1))
	f.fails("a booking of no change", err, booking.ErrNotFound)
}

func transactionDecideFails(f *Fixture) {
	f.PutCatalogue("salon")
	own := errors.New("the desk's own")
	err := f.Store.Update(f.Context(), []store.Need{{Venue: "salon"}}, func(found []store.Found) ([]store.Write, error) {
		d := NewDraft("salon", found[0])
		d.Book(SampleBooking("salon", 1, Slot, Chair1))
		return []store.Write{d.Decided()}, own
	})
	if err != own { //nolint:errorlint // it must be returned as it is
		f.Errorf("got error %v, want decide's own as it is", err)
	}
	f.same("revision", f.Revision("salon"), booking.Revision(1))
	f.same("claims", f.Load("salon").Claims, nil)
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1)) })
}

func transactionDecidePanics(f *Fixture) {
	f.PutCatalogue("salon")
	func() {
		defer func() {
			if recover() == nil {
				f.Errorf("decide's panic was swallowed")
			}
		}()
		_ = f.Store.Update(f.Context(), []store.Need{{Venue: "salon"}}, func([]store.Found) ([]store.Write, error) { panic("decide") })
	}()
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1)) })
	f.same("revision", f.Revision("salon"), booking.Revision(2))
}

func transactionAllOrNone(f *Fixture) {
	venues := []booking.VenueID{"a", "b", "c"}
	for _, venue := range venues {
		f.PutCatalogue(venue)
	}
	taken := SampleBooking("c", 1, Slot, Chair1)
	f.Change("c", func(d *Draft) { d.Book(taken) })
	err := bookInAll(f.Context(), f.Store, venues, 1)
	f.fails("a transaction of which the last write is bad", err, store.ErrRejected)
	for _, venue := range venues[:2] {
		f.same("revision of "+string(venue), f.Revision(venue), booking.Revision(1))
		f.same("claims of "+string(venue), f.Load(venue).Claims, nil)
	}
	f.must("the same without it", bookInAll(f.Context(), f.Store, venues, 2))
	for _, venue := range venues {
		f.Booking(venue, BookingID(2))
	}
}

// bookInAll makes the n-th booking in every venue, in one transaction.
func bookInAll(ctx context.Context, s store.Store, venues []booking.VenueID, n int) error {
	needs := make([]store.Need, len(venues))
	for i, venue := range venues {
		needs[i].Venue = venue
	}
	return s.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes := make([]store.Write, len(venues))
		for i, venue := range venues {
			d := NewDraft(venue, found[i])
			d.Book(SampleBooking(venue, n, Slot, Chair1))
			writes[i] = d.Decided()
		}
		return writes, nil
	})
}

func transactionSeveralVenues(f *Fixture) {
	for n, venue := range []booking.VenueID{"a", "b", "c"} {
		for range n + 1 {
			f.PutCatalogue(venue)
		}
		hold := SampleHold(venue, 1, Slot, Morning, Chair1)
		f.Change(venue, func(d *Draft) { d.Book(hold); d.Answers = []booking.Answer{SampleAnswer(n, Morning)} })
	}
	needs := []store.Need{
		{Venue: "a", Known: 1, Bookings: sampleIDs(1)},
		{Venue: "b", Answers: []booking.AnswerKey{SampleAnswer(0, Morning).Key, SampleAnswer(1, Morning).Key}},
		{Venue: "c", Uses: []store.Use{{}}},
	}
	err := f.Store.Update(f.Context(), needs, func(found []store.Found) ([]store.Write, error) {
		for i, want := range []booking.Revision{2, 3, 4} {
			f.same("revision found", found[i].Revision, want)
			f.same("due found", idsOf(found[i].Due), sampleIDs(1))
			f.same("number of answers found", len(found[i].Answers), []int{0, 1, 0}[i])
			f.same("number of bookings found", len(found[i].Bookings), []int{1, 0, 0}[i])
			f.same("number of uses found", len(found[i].Uses), []int{0, 0, 1}[i])
		}
		f.same("changes found", len(found[0].Changes), 1)
		first, third := NewDraft("a", found[0]), NewDraft("c", found[2])
		first.Move(found[0].Due[0], booking.Expired)
		third.Book(SampleBooking("c", 2, Slot, Chair2))
		return []store.Write{first.Decided(), {}, third.Decided()}, nil
	})
	f.must("update three venues", err)
	for i, venue := range []booking.VenueID{"a", "b", "c"} {
		f.same("revision of "+string(venue), f.Revision(venue), []booking.Revision{3, 3, 5}[i])
		f.same("number of claims of "+string(venue), len(f.Load(venue).Claims), []int{0, 1, 2}[i])
	}
}

func transactionNoVenue(f *Fixture) {
	found := f.Find(store.Need{
		Venue: "nowhere", Known: 7, Bookings: sampleIDs(1), Answers: []booking.AnswerKey{{}}, Uses: []store.Use{{}},
	})
	f.same("time found", found.Now, f.Clock.Now())
	f.same("what is found of no venue", []any{
		found.Exists, found.Revision, len(found.Changes), len(found.Due), len(found.Bookings), len(found.Answers), len(found.Uses),
	}, []any{false, 0, 0, 0, 0, 0, 0})
	err := TryChange(f.Context(), f.Store, store.Need{Venue: "nowhere"}, func(d *Draft) error {
		d.PutResource(SampleResource("nowhere", Chair1))
		return nil
	})
	f.fails("a change of a venue that was never put", err, store.ErrRejected)
	_, err = f.Store.Load(f.Context(), "nowhere", Morning)
	f.fails("load of no venue", err, booking.ErrNotFound)
	f.same("revision of no venue", f.Revision("nowhere"), booking.Revision(0))
}

func transactionRejected(f *Fixture) {
	bad := map[string]func(d *Draft){
		"a booking whose id is taken": func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair2)) },
		"a booking twice":             func(d *Draft) { d.Book(SampleBooking("salon", 2, Slot)); d.Book(SampleBooking("salon", 2, Slot)) },
		"a change of no booking":      func(d *Draft) { d.Move(SampleBooking("salon", 3, Slot, Chair1), booking.Cancelled) },
		"a booking of another venue":  func(d *Draft) { d.Book(SampleBooking("barber", 4, Slot, Chair1)) },
		"a move in another venue":     func(d *Draft) { d.Move(SampleBooking("barber", 1, Slot, Chair1), booking.Cancelled) },
		"a resource of another venue": func(d *Draft) { d.PutResource(SampleResource("barber", Chair1)) },
		"a service of another venue":  func(d *Draft) { d.PutService(SampleService("barber", Cut, Chair1)) },
		"another venue":               func(d *Draft) { d.PutVenue(SampleVenue("barber")) },
		"a change of another venue":   func(d *Draft) { d.PutVenue(SampleVenue("salon")); d.Change.Venue = "barber" },
		"a hold without expiry":       func(d *Draft) { d.Book(SampleHold("salon", 5, Slot, time.Time{}, Chair1)) },
		"a claim of no units": func(d *Draft) {
			b := SampleBooking("salon", 6, Slot, Chair1)
			b.Claims[0].Units = 0
			d.Book(b)
		},
		"a claim that ends before it starts": func(d *Draft) {
			b := SampleBooking("salon", 7, Slot, Chair1)
			b.Claims[0].End = b.Claims[0].Start
			d.Book(b)
		},
	}
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	for _, venue := range []booking.VenueID{"salon", "barber"} {
		f.Change(venue, func(d *Draft) { d.Book(SampleBooking(venue, 1, Slot, Chair1)) })
	}
	before := [2]store.Loaded{f.Load("salon"), f.Load("barber")}
	for what, edit := range bad {
		err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error {
			d.Book(SampleBooking("salon", 100, Slot, Basin)) // good by itself
			edit(d)
			return nil
		})
		if !errors.Is(err, store.ErrRejected) {
			f.Errorf("%s: got error %v, want it rejected", what, err)
		}
	}
	f.same("venues after rejected writes", [2]store.Loaded{f.Load("salon"), f.Load("barber")}, before)
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 100, Slot, Basin)) })
}

func transactionVenuesApart(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	f.Change("salon", func(d *Draft) {
		d.Book(SampleBooking("salon", 1, Slot, Chair1))
		d.Answers = append(d.Answers, SampleAnswer(1, Morning))
	})
	found := f.Find(store.Need{
		Venue: "barber", Bookings: sampleIDs(1), Answers: []booking.AnswerKey{SampleAnswer(1, Morning).Key}, Uses: []store.Use{{}},
	})
	f.same("bookings of another venue", len(found.Bookings), 0)
	f.same("answers of another venue", len(found.Answers), 0)
	f.same("uses of another venue", found.Uses, [][]booking.BookingID{nil})
	_, err := f.Store.Booking(f.Context(), "barber", BookingID(1))
	f.fails("a booking of another venue", err, booking.ErrNotFound)
	// The same id may stand in both.
	f.Change("barber", func(d *Draft) { d.Book(SampleBooking("barber", 1, Slot, Chair1)) })
	f.Change("barber", func(d *Draft) { d.Move(SampleBooking("barber", 1, Slot, Chair1), booking.Cancelled) })
	f.same("status in the other venue", f.Booking("salon", BookingID(1)).Status, booking.Confirmed)
	f.same("number of claims in the other venue", len(f.Load("salon").Claims), 1)
}

func transactionCancelled(f *Fixture) {
	f.PutCatalogue("salon")
	ctx, cancel := context.WithCancel(f.Context())
	book := func(d *Draft) error {
		cancel()
		d.Book(SampleBooking("salon", 1, Slot, Chair1))
		return nil
	}
	for _, when := range []string{"while it decides", "before it begins"} {
		err := TryChange(ctx, f.Store, store.Need{Venue: "salon"}, book)
		f.fails("a transaction cancelled "+when, err, context.Canceled)
	}
	f.same("revision", f.Revision("salon"), booking.Revision(1))
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1)) })
}
