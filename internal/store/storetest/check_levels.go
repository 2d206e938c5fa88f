package storetest

import (
	"errors"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var levelChecks = []check{
	{"levels/a program below a venue's level reads it and does not write", levelBelow},
	{"levels/a program does not write settings above its own level", levelAbove},
}

// newer is a level that no program has yet; a service of it is one with two requirements.
const newer booking.Level = 2

func twoParts() booking.Service {
	s := SampleService("salon", Colour, Chair2)
	s.Requires = append(s.Requires, booking.Requirement{AnyOf: []booking.ResourceID{Basin}, Units: 1})
	return s
}

// reopen has another program in place of the one before.
func (f *Fixture) reopen(level booking.Level) {
	f.Helper()
	f.Store = f.harness.Reopen(f.TB, f.Store, f.Clock.Now, level)
}

// refused runs a transaction that must not come to a decision.
func (f *Fixture) refused(what string, venues ...booking.VenueID) {
	f.Helper()
	needs := make([]store.Need, len(venues))
	for i, venue := range venues {
		needs[i].Venue = venue
	}
	err := f.Store.Update(f.Context(), needs, func([]store.Found) ([]store.Write, error) {
		f.Errorf("%s: a program that is too old was asked to decide", what)
		return make([]store.Write, len(venues)), nil
	})
	if !errors.Is(err, booking.ErrNeedsNewer) {
		f.Errorf("%s: got error %v, want that it needs a newer program", what, err)
	}
}

func levelBelow(f *Fixture) {
	f.PutCatalogue("barber")
	f.PutCatalogue("salon")
	f.reopen(newer)
	f.Change("salon", func(d *Draft) { d.PutService(twoParts()) })
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair2, Basin)) })
	f.same("the level that was raised", f.Find(store.Need{Venue: "salon"}).Needs, newer)
	f.same("the level of another venue", f.Find(store.Need{Venue: "barber"}).Needs, booking.Level(1))
	f.reopen(1)
	f.refused("by itself", "salon")
	f.refused("among others", "barber", "salon")
	f.same("revision", f.Load("salon").Revision, booking.Revision(3))
	f.same("number of claims", len(f.Load("salon").Claims), 2)
	f.Booking("salon", SampleBooking("salon", 1, Slot).ID)
	f.Change("barber", func(d *Draft) { d.Book(SampleBooking("barber", 2, Slot, Chair1)) })
	f.reopen(newer)
	f.Change("salon", func(d *Draft) { d.PutService(SampleService("salon", Colour, Chair2)) })
	f.same("the level, which stays", f.Find(store.Need{Venue: "salon"}).Needs, newer)
}

func levelAbove(f *Fixture) {
	f.PutCatalogue("salon")
	f.reopen(1)
	err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error { d.PutService(twoParts()); return nil })
	if !errors.Is(err, booking.ErrNeedsNewer) {
		f.Errorf("settings above the program's level: got error %v", err)
	}
	f.same("revision", f.Revision("salon"), booking.Revision(1))
}
