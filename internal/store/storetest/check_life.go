package storetest

import (
	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var lifeChecks = []check{
	{"life/a restart keeps everything", lifeRestart},
	{"life/closed", lifeClosed},
}

// everything is all that can be seen of a venue.
func (f *Fixture) everything(venue booking.VenueID) []any {
	f.Helper()
	page, err := f.Store.Bookings(f.Context(), venue, store.Filter{Limit: 1000})
	f.must("list", err)
	key, err := f.Store.Key(f.Context(), sampleKey("admin", "secret").Hash)
	f.must("key", err)
	due, next, err := f.Store.Due(f.Context(), 10)
	f.must("due", err)
	revisions, err := f.Store.Revisions(f.Context(), []booking.VenueID{venue})
	f.must("revisions", err)
	found := f.Find(store.Need{
		Venue: venue, Bookings: idsOf(page), Answers: []booking.AnswerKey{SampleAnswer(1, Morning).Key}, Uses: []store.Use{{}},
	})
	return []any{
		f.inspected(), f.Load(venue), page, key, due, next, revisions, found.Epoch, found.Revision, found.Changes, found.Due, found.Bookings,
		found.Uses, found.Answers[SampleAnswer(1, Morning).Key],
	}
}

func lifeRestart(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		d.Book(SampleBooking("salon", 1, Slot, Chair1))
		d.Book(SampleHold("salon", 2, Slot, Morning, Chair2, Basin))
		d.Book(SampleHold("salon", 3, Slot, Slot, Chair2, Basin))
		d.Answers = []booking.Answer{SampleAnswer(1, Morning)}
	})
	f.Change("salon", func(d *Draft) { d.Move(SampleBooking("salon", 1, Slot, Chair1), booking.Cancelled) })
	f.must("put key", f.Store.PutKey(f.Context(), sampleKey("admin", "secret")))
	before := f.everything("salon")
	for range 2 {
		f.Store = f.harness.Reopen(f, f.Store, f.Clock.Now, 0)
		f.same("everything after a restart", f.everything("salon"), before)
	}
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 4, Slot, Chair1)) })
	f.same("revision", f.Revision("salon"), booking.Revision(4))
}

func lifeClosed(f *Fixture) {
	f.PutCatalogue("salon")
	for range 2 {
		f.must("close", f.Store.Close())
	}
	ctx, s := f.Context(), f.Store
	calls := map[string]func() error{
		"Update": func() error {
			return TryChange(ctx, s, store.Need{Venue: "salon"}, func(d *Draft) error { d.PutCatalogue(); return nil })
		},
		"SweepAnswers": func() error { _, err := s.SweepAnswers(ctx, 1); return err },
		"Load":         func() error { _, err := s.Load(ctx, "salon", Morning); return err },
		"Revisions":    func() error { _, err := s.Revisions(ctx, []booking.VenueID{"salon"}); return err },
		"Changes":      func() error { _, err := s.Changes(ctx, "salon", 0, 1); return err },
		"Venues":       func() error { _, err := s.Venues(ctx, "", 1); return err },
		"Booking":      func() error { _, err := s.Booking(ctx, "salon", "bk"); return err },
		"Bookings":     func() error { _, err := s.Bookings(ctx, "salon", store.Filter{Limit: 1}); return err },
		"Uses":         func() error { _, err := s.Uses(ctx, "salon", store.Use{}, 1); return err },
		"Due":          func() error { _, _, err := s.Due(ctx, 1); return err },
		"PutKey":       func() error { return s.PutKey(ctx, sampleKey("admin", "secret")) },
		"Key":          func() error { _, err := s.Key(ctx, [32]byte{}); return err },
		"Inspect":      func() error { return s.Inspect(ctx, func(store.Snapshot) error { return nil }) },
		"HasKeys":      func() error { _, err := s.HasKeys(ctx); return err },
	}
	for name, call := range calls {
		f.fails(name+" of a closed store", call(), store.ErrUnavailable)
	}
}
