package storetest

import (
	"fmt"

	"vacancy/internal/booking"
)

var touchedChecks = []check{
	{"touched/by claims taken and freed", touchedByClaims},
	{"touched/by settings", touchedBySettings},
	{"touched/of each venue by itself", touchedVenues},
}

// sameTouched compares those of the salon's resources, in the order chair-1, chair-2, basin.
func (f *Fixture) sameTouched(what string, want ...booking.Revision) {
	f.Helper()
	touched := f.Load("salon").Touched
	f.same("number of resources touched "+what, len(touched), len(want))
	got := make([]booking.Revision, 0, len(want))
	for _, id := range []booking.ResourceID{Chair1, Chair2, Basin} {
		got = append(got, touched[id])
	}
	f.same("touched "+what, got, want)
}

func touchedByClaims(f *Fixture) {
	f.PutCatalogue("salon")
	f.sameTouched("when made", 1, 1, 1)
	one := SampleHold("salon", 1, Slot, Slot, Chair1)
	f.Change("salon", func(d *Draft) { d.Book(one) })
	f.sameTouched("by a hold of the first chair", 2, 1, 1)
	two := SampleBooking("salon", 2, Slot, Chair2, Basin)
	f.Change("salon", func(d *Draft) { d.Book(two) })
	f.sameTouched("by a booking of the second chair and the basin", 2, 3, 3)
	f.Change("salon", func(d *Draft) { d.Move(one, booking.Confirmed) })
	f.sameTouched("by a confirmation, which takes nothing new", 2, 3, 3)
	f.Change("salon", func(d *Draft) { d.Move(one, booking.Cancelled) })
	f.sameTouched("by a cancellation", 5, 3, 3)
	f.Change("salon", func(d *Draft) { d.Move(two, booking.Cancelled); d.Book(SampleBooking("salon", 3, Slot, Chair1)) })
	f.sameTouched("by both", 6, 6, 6)
}

func touchedBySettings(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
	f.sameTouched("by the venue's settings", 1, 1, 1)
	f.Change("salon", func(d *Draft) { d.PutResource(SampleResource("salon", Chair2)) })
	f.sameTouched("by a resource's settings", 1, 3, 1)
	f.Change("salon", func(d *Draft) { d.PutService(SampleService("salon", Wash, Basin)) })
	f.sameTouched("by a service's settings", 1, 3, 1)
}

func touchedVenues(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	before := fmt.Sprint(f.Load("barber").Touched)
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1, Chair2)) })
	f.sameTouched("by a booking", 2, 2, 1)
	f.same("touched of another venue", fmt.Sprint(f.Load("barber").Touched), before)
}
