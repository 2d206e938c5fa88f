package storetest

import (
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var useChecks = []check{
	{"uses/by service and resource", useBy},
	{"uses/only those that claim room", useClaiming},
	{"uses/until the claim ends", useEnd},
	{"uses/in a span", usesInInterval},
	{"uses/by start, and not too many", useLimit},
}

// sameUses asks inside and outside a transaction.
func (f *Fixture) sameUses(what string, use store.Use, want ...int) {
	f.Helper()
	found := f.Find(store.Need{Venue: "salon", Uses: []store.Use{{Service: "none"}, use}})
	f.same(what, found.Uses, [][]booking.BookingID{nil, sampleIDs(want...)})
	ids, err := f.Store.Uses(f.Context(), "salon", use, 100)
	f.must(what, err)
	f.same(what+", outside", ids, sampleIDs(want...))
}

func useBy(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	colour := SampleBooking("salon", 2, Slot, Chair2)
	colour.Service = Colour
	both := SampleBooking("salon", 3, Slot, Chair2, Chair1)
	f.Change("salon", func(d *Draft) {
		d.Book(SampleBooking("salon", 1, Slot, Chair1))
		d.Book(colour)
		d.Book(both)
		d.Book(SampleBooking("salon", 4, Slot)) // takes nothing
	})
	f.Change("barber", func(d *Draft) { d.Book(SampleBooking("barber", 5, Slot, Chair1)) })
	f.sameUses("uses of the venue", store.Use{}, 1, 2, 3)
	f.sameUses("uses of a service", store.Use{Service: Cut}, 1, 3)
	f.sameUses("uses of a resource", store.Use{Resource: Chair2}, 2, 3)
	f.sameUses("uses of a resource by a service", store.Use{Service: Colour, Resource: Chair2}, 2)
	f.sameUses("uses of an idle resource", store.Use{Resource: Basin})
}

func useClaiming(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for n, status := range []booking.Status{booking.Confirmed, booking.Completed, booking.NoShow, booking.Expired, booking.Cancelled} {
			b := SampleBooking("salon", n, Slot, Chair1)
			b.Status = status
			d.Book(b)
		}
		d.Book(SampleHold("salon", 8, Slot, Morning, Chair1)) // due: nobody is kept waiting by it
		d.Book(SampleHold("salon", 9, Slot, Morning.Add(time.Microsecond), Chair1))
	})
	f.sameUses("uses", store.Use{}, 0, 1, 2, 9)
	f.Change("salon", func(d *Draft) { d.Move(SampleBooking("salon", 0, Slot, Chair1), booking.Cancelled) })
	f.sameUses("uses after a cancellation", store.Use{}, 1, 2, 9)
}

func useEnd(f *Fixture) {
	f.PutCatalogue("salon")
	b := SampleBooking("salon", 1, Slot, Chair1, Basin) // claims the chair for ten minutes longer than it lasts
	b.Claims[1].End = Slot.Add(10 * time.Minute)
	f.Change("salon", func(d *Draft) { d.Book(b) })
	f.Clock.Set(b.Claims[1].End.Add(-time.Microsecond))
	f.sameUses("uses of the basin before its claim ends", store.Use{Resource: Basin}, 1)
	f.Clock.Set(b.Claims[1].End)
	f.sameUses("uses of the basin when its claim ends", store.Use{Resource: Basin})
	f.sameUses("uses of the venue then", store.Use{}, 1)
	f.Clock.Set(b.End)
	f.sameUses("uses when the booking ends", store.Use{Service: Cut}, 1)
	f.Clock.Set(b.Claims[0].End)
	f.sameUses("uses when its last claim ends", store.Use{})
}

func usesInInterval(f *Fixture) {
	f.PutCatalogue("salon")
	b := SampleBooking("salon", 1, Slot, Chair1, Basin)
	b.Claims[1].Start, b.Claims[1].End = Slot.Add(2*time.Hour), Slot.Add(3*time.Hour)
	f.Change("salon", func(d *Draft) { d.Book(b) })
	start, end := b.Claims[0].Start, b.Claims[0].End
	yes, no := []int{1}, []int(nil)
	for _, c := range []struct {
		what string
		use  store.Use
		want []int
	}{
		{"that ends where the claim starts", store.Use{From: start.Add(-time.Hour), To: start}, no},
		{"that ends just behind", store.Use{From: start.Add(-time.Hour), To: start.Add(time.Microsecond)}, yes},
		{"that begins where the claim ends", store.Use{From: end, To: end.Add(time.Hour)}, no},
		{"that begins just before", store.Use{From: end.Add(-time.Microsecond), To: end.Add(time.Hour)}, yes},
		{"within the claim", store.Use{From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}, yes},
		{"around the claim", store.Use{From: start.Add(-time.Minute), To: end.Add(time.Minute)}, yes},
		{"without an end", store.Use{From: end.Add(-time.Microsecond)}, yes},
		{"without an end, later", store.Use{From: b.Claims[1].End}, no},
		{"without a beginning", store.Use{To: start}, no},
		{"without a beginning, later", store.Use{To: start.Add(time.Microsecond)}, yes},
		{"of the other claim", store.Use{From: b.Claims[1].Start, To: b.Claims[1].End}, yes},
		{"of the other claim, on this resource", store.Use{Resource: Chair1, From: b.Claims[1].Start, To: b.Claims[1].End}, no},
		{"of the other claim, on its resource", store.Use{Resource: Basin, From: b.Claims[1].Start, To: b.Claims[1].End}, yes},
	} {
		f.sameUses("uses in a span "+c.what, c.use, c.want...)
	}
	long := SampleBooking("salon", 2, Slot, Chair2)
	long.End = Slot.Add(5 * time.Hour)
	long.Claims[0].End = long.End
	f.Change("salon", func(d *Draft) { d.Book(long) })
	f.sameUses("uses in a span of a longer booking", store.Use{From: Slot.Add(4 * time.Hour)}, 2)
}

func useLimit(f *Fixture) {
	const many = booking.MaxInUse + 5
	f.PutCatalogue("salon")
	want := make([]int, 0, many)
	f.Change("salon", func(d *Draft) {
		for n := range many {
			// Later ids start earlier, in pairs; earlier ones last longer.
			b := SampleBooking("salon", n, Slot.Add(time.Duration((many-n)/2)*time.Hour), Chair1, Chair2)
			b.Claims[0].End = b.Claims[0].End.Add(time.Duration(many-n) * time.Hour)
			d.Book(b)
		}
	})
	for n := range many {
		want = append(want, n)
	}
	slices.SortFunc(want, func(a, b int) int {
		if x, y := (many-a)/2, (many-b)/2; x != y {
			return x - y
		}
		return a - b
	})
	found := f.Find(store.Need{Venue: "salon", Uses: []store.Use{{}}})
	f.same("uses found", found.Uses[0], sampleIDs(want[:booking.MaxInUse+1]...))
	for _, limit := range []int{0, 1, 3, many, many + 1} {
		ids, err := f.Store.Uses(f.Context(), "salon", store.Use{}, limit)
		f.must("uses", err)
		f.same("uses", ids, sampleIDs(want[:min(limit, many)]...))
	}
}
