package desk_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/view"
)

// shopPicture is a shop with so many chairs of one unit, open from nine to five, and two services that share them.
func shopPicture(chairs int, step time.Duration) view.Picture {
	p := view.Picture{
		Venue: booking.Venue{ID: "barber", TimeZone: "UTC"}, Zone: time.UTC,
		Resources: make(map[booking.ResourceID]booking.Resource), Services: make(map[booking.ServiceID]booking.Service),
	}
	hours := booking.Schedule{}
	for day := range hours.Weekly {
		hours.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 17 * 60}}
	}
	var pool []booking.ResourceID
	for i := range chairs {
		id := booking.ResourceID(fmt.Sprintf("chair-%02d", i))
		p.Resources[id] = booking.Resource{Venue: "barber", ID: id, Capacity: 1, Schedule: hours}
		pool = append(pool, id)
	}
	cut := service(pool...)
	cut.Step = step
	dye := cut
	dye.ID, dye.Duration, dye.BufferAfter = "dye", 90*time.Minute, 20*time.Minute
	p.Services["cut"], p.Services["dye"] = cut, dye
	return p
}

// slotOf is the i-th of the starts of two days.
func slotOf(service booking.ServiceID, step time.Duration, i int) desk.BookRequest {
	perDay := int(8*time.Hour/step) - 1
	r := hold(time.Date(2026, 11, 24+i/perDay%2, 9, 0, 0, 0, time.UTC).Add(time.Duration(i%perDay) * step))
	r.Service = service
	return r
}

// checkKeptRooms has a batch book, hold, cancel and edit the catalogue. After each command the rooms that the draft keeps are those that
// measuring anew gives.
func checkKeptRooms(t *rapid.T, around func(d *desk.Draft, decide func())) error {
	const step = 30 * time.Minute
	p := shopPicture(rapid.IntRange(1, 4).Draw(t, "chairs"), step)
	d, err := desk.NewDraft(p, monday, slotOf("cut", step, 0), slotOf("cut", step, 15), slotOf("dye", step, 0), slotOf("dye", step, 15))
	if err != nil {
		return err
	}
	var made []booking.Booking
	for range rapid.IntRange(5, 60).Draw(t, "commands") {
		kind := rapid.IntRange(0, 20).Draw(t, "kind")
		around(d, func() {
			switch {
			case kind == 0:
				chair := p.Resources["chair-00"]
				chair.Capacity = rapid.IntRange(2, 9).Draw(t, "capacity")
				d.PutResource(chair)
			case kind == 1:
				cut := p.Services["cut"]
				cut.BufferBefore = time.Duration(rapid.IntRange(0, 3).Draw(t, "buffer")) * 10 * time.Minute
				d.PutService(cut)
			case kind < 6 && len(made) > 0:
				i := rapid.IntRange(0, len(made)-1).Draw(t, "which")
				d.Cancel(made[i])
				made = append(made[:i], made[i+1:]...)
			default:
				r := slotOf(rapid.SampledFrom([]booking.ServiceID{"cut", "dye"}).Draw(t, "service"), step, rapid.IntRange(0, 29).Draw(t, "start"))
				r.Hold = rapid.Bool().Draw(t, "hold")
				if b, err := d.Book(r); err == nil {
					made = append(made, b)
				}
			}
		})
		if _, err := d.CheckRooms(); err != nil {
			return err
		}
	}
	return nil
}

// Whatever a batch does, what it keeps of the days' rooms is what measuring anew would give: so its verdicts are the same.
func TestKeptRoomsAreRight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := checkKeptRooms(t, func(_ *desk.Draft, decide func()) { decide() }); err != nil {
			t.Fatal(err)
		}
	})
}

// Negative control: rooms that nobody brings up to date are found to be wrong.
func TestKeptRoomsControl(t *testing.T) {
	t.Parallel()
	for seed := range 200 {
		stale := rapid.Custom(func(t *rapid.T) bool {
			return checkKeptRooms(t, func(d *desk.Draft, decide func()) {
				if rooms, _ := d.CheckRooms(); rooms == 0 {
					decide()
					return
				}
				restore := d.HideRooms()
				decide()
				restore()
			}) != nil
		}).Example(seed)
		if stale {
			return
		}
	}
	t.Error("rooms that stay as they were pass, so the check proves nothing")
}

// BenchmarkBatchOfHolds decides a full batch of holds on one day, with fifty chairs and a start every five minutes: with the day's room
// kept, and with the day measured for each hold.
func BenchmarkBatchOfHolds(b *testing.B) {
	const step, holds = 5 * time.Minute, 512
	p := shopPicture(50, step)
	for name, keep := range map[string]bool{"kept": true, "measured each time": false} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d, err := desk.NewDraft(p, monday, slotOf("cut", step, 0))
				if err != nil {
					b.Fatal(err)
				}
				for i := range holds {
					if !keep {
						d.HideRooms()
					}
					if _, err := d.Book(slotOf("cut", step, i%90)); err != nil && !errors.Is(err, booking.ErrHoldsLimited) {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*holds), "µs/hold")
		})
	}
}
