package storetest

import (
	"fmt"

	"vacancy/internal/booking"
)

var touchedChecks = []check{
	{"touched/by claims taken and freed", touchedByClaims},
	{"touched/by settings", touchedBySettings},
	{"touched/by what a service requires now", touchedByRequirement},
	{"touched/of each venue by itself", touchedVenues},
}

// touched are the touched revisions of a venue's resources and services, by kind and id.
func (f *Fixture) touched(venue booking.VenueID) map[string]booking.Revision {
	f.Helper()
	of := make(map[string]booking.Revision)
	loaded := f.Load(venue)
	for _, r := range loaded.Resources {
		of["resource "+string(r.ID)] = r.Touched
	}
	for _, s := range loaded.Services {
		of["service "+string(s.ID)] = s.Touched
	}
	return of
}

// sameTouched compares those of the salon, in the order chair-1, chair-2, basin, cut, colour, wash.
func (f *Fixture) sameTouched(what string, want ...booking.Revision) {
	f.Helper()
	touched := f.touched("salon")
	got := make([]booking.Revision, 0, len(touched))
	for _, id := range []booking.ResourceID{Chair1, Chair2, Basin} {
		got = append(got, touched["resource "+string(id)])
	}
	for _, id := range []booking.ServiceID{Cut, Colour, Wash} {
		got = append(got, touched["service "+string(id)])
	}
	f.same("touched "+what, got, want)
}

func touchedByClaims(f *Fixture) {
	f.PutCatalogue("salon")
	f.sameTouched("when made", 1, 1, 1, 1, 1, 1)
	one := SampleHold("salon", 1, Slot, Slot, Chair1)
	f.Change("salon", func(d *Draft) { d.Book(one) })
	f.sameTouched("by a hold of the first chair", 2, 1, 1, 2, 1, 1)
	two := SampleBooking("salon", 2, Slot, Chair2, Basin)
	f.Change("salon", func(d *Draft) { d.Book(two) })
	f.sameTouched("by a booking of the second chair and the basin", 2, 3, 3, 3, 3, 3)
	f.Change("salon", func(d *Draft) { d.Move(one, booking.Confirmed) })
	f.sameTouched("by a confirmation, which takes nothing new", 2, 3, 3, 3, 3, 3)
	f.Change("salon", func(d *Draft) { d.Move(one, booking.Cancelled) })
	f.sameTouched("by a cancellation", 5, 3, 3, 5, 3, 3)
	f.Change("salon", func(d *Draft) { d.Move(two, booking.Cancelled); d.Book(SampleBooking("salon", 3, Slot, Chair1)) })
	f.sameTouched("by both", 6, 6, 6, 6, 6, 6)
}

func touchedBySettings(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
	f.sameTouched("by the venue's settings", 1, 1, 1, 1, 1, 1)
	f.Change("salon", func(d *Draft) { d.PutResource(SampleResource("salon", Chair2)) })
	f.sameTouched("by a resource's settings", 1, 3, 1, 3, 3, 1)
	f.Change("salon", func(d *Draft) { d.PutService(SampleService("salon", Wash, Basin)) })
	f.sameTouched("by a service's settings", 1, 3, 1, 3, 3, 4)
}

func touchedByRequirement(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		d.PutService(SampleService("salon", Wash, Basin, Chair1))
		archived := SampleService("salon", Cut, Chair2)
		archived.Archived = true
		d.PutService(archived)
	})
	f.sameTouched("by settings", 1, 1, 1, 2, 1, 2)
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1)) }) // of a cut, which requires it no more
	f.sameTouched("by a claim of what a wash requires now", 3, 1, 1, 2, 1, 3)
	f.Change("salon", func(d *Draft) {
		d.Book(SampleBooking("salon", 2, Slot, Chair2))
		d.PutService(SampleService("salon", Wash, Chair2))
	})
	f.sameTouched("by a claim of what an archived cut requires", 3, 4, 1, 4, 4, 4)
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 3, Slot, Basin)) })
	f.sameTouched("by a claim of what no service requires", 3, 4, 5, 4, 4, 4)
}

func touchedVenues(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	before := fmt.Sprint(f.touched("barber"))
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1, Chair2)) })
	f.sameTouched("by a booking", 2, 2, 1, 2, 2, 1)
	f.same("touched of another venue", fmt.Sprint(f.touched("barber")), before)
}
