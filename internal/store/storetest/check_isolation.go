package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var isolationChecks = []check{
	{"isolation/only one finds it free", isolationFree},
	{"isolation/only one ends a hold", isolationHold},
	{"isolation/a venue that is only read", isolationOtherVenue},
	{"isolation/what is found fits together", isolationTogether},
	{"isolation/decide may be called again", isolationAgain},
}

// decideTimeout is how long one transaction waits for the other to decide too. Stores that hold the venue's row never let it, and whoever
// waits goes on alone.
const decideTimeout = 20 * time.Millisecond

// meeting lets two transactions decide at the same time, if the store does: each goes on once both have been told what is true.
type meeting struct {
	both    chan struct{}
	arrived atomic.Int32
}

func newMeeting() *meeting { return &meeting{both: make(chan struct{})} }

// join is called in decide, where nothing should block. It does not for long.
func (m *meeting) join(ctx context.Context) {
	if m.arrived.Add(1) == 2 {
		close(m.both)
	}
	timer := time.NewTimer(decideTimeout)
	defer timer.Stop()
	select {
	case <-m.both:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// errTaken is how a transaction ends that finds what it wants taken.
var errTaken = errors.New("it is taken")

// oneOfTwo runs the same transaction twice at once, and fails the test unless one of them wins and the other finds it taken.
func (f *Fixture) oneOfTwo(what string, update func(i int, meet func()) error) {
	f.Helper()
	m := newMeeting()
	var wins atomic.Int32
	f.must(what, together(2, func(i int) error {
		var once sync.Once // begun anew, it meets nobody
		err := update(i, func() { once.Do(func() { m.join(f.Context()) }) })
		switch {
		case err == nil:
			wins.Add(1)
		case !errors.Is(err, errTaken):
			return err
		}
		return nil
	}))
	f.same("number of transactions that won: "+what, wins.Load(), 1)
}

// isolationFree has each book the chair if nothing uses it then.
func isolationFree(f *Fixture) {
	f.PutCatalogue("salon")
	for round := range 4 {
		start := Slot.Add(time.Duration(round) * 2 * time.Hour)
		need := store.Need{Venue: "salon", Uses: []store.Use{{Resource: Chair1, From: start, To: start.Add(time.Hour)}}}
		f.oneOfTwo("book what is free", func(i int, meet func()) error {
			return TryChange(f.Context(), f.Store, need, func(d *Draft) error {
				meet()
				if len(d.Found.Uses[0]) > 0 {
					return errTaken
				}
				d.Book(SampleBooking("salon", 2*round+i, start, Chair1))
				return nil
			})
		})
	}
	f.same("number of claims", len(f.Load("salon").Claims), 4)
}

// isolationHold has each expire a hold if it finds it due.
func isolationHold(f *Fixture) {
	f.PutCatalogue("salon")
	for round := range 4 {
		f.Change("salon", func(d *Draft) { d.Book(SampleHold("salon", round, Slot, Morning, Chair1)) })
		f.oneOfTwo("expire a hold", func(_ int, meet func()) error {
			return TryChange(f.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error {
				meet()
				if len(d.Found.Due) == 0 {
					return errTaken
				}
				d.Move(d.Found.Due[0], booking.Expired)
				return nil
			})
		})
	}
	f.same("revision", f.Revision("salon"), booking.Revision(1+2*4))
}

// isolationOtherVenue has one book at the barber's and one in the salon, each only if neither has been booked: what each was told of
// the venue it does not write must stay true too.
func isolationOtherVenue(f *Fixture) {
	venues := []booking.VenueID{"barber", "salon"}
	f.PutCatalogue(venues[0])
	f.PutCatalogue(venues[1])
	for round := range 4 {
		f.oneOfTwo("book in one of two venues", func(i int, meet func()) error {
			needs := []store.Need{{Venue: venues[0]}, {Venue: venues[1]}}
			return f.Store.Update(f.Context(), needs, func(found []store.Found) ([]store.Write, error) {
				meet()
				if int(found[0].Revision+found[1].Revision) != 2+round {
					return nil, errTaken
				}
				d := NewDraft(venues[i], found[i])
				d.Book(SampleBooking(venues[i], round, Slot, Chair1))
				writes := make([]store.Write, 2)
				writes[i] = d.Decided()
				return writes, nil
			})
		})
	}
}

// isolationTogether has a writer make the same change of two venues in one transaction, over and over, while others look at both.
func isolationTogether(f *Fixture) {
	const changes = 20
	venues := []booking.VenueID{"a", "b"}
	f.PutCatalogue("a")
	f.PutCatalogue("b")
	var done atomic.Bool
	f.must("look while another writes", together(3, func(i int) error {
		if i == 0 {
			defer done.Store(true)
			for n := range changes {
				if err := f.holdInAll(venues, n); err != nil {
					return err
				}
			}
			return nil
		}
		for last := false; !last; {
			last = done.Load()
			if err := f.readTogether(venues, changes); err != nil {
				return err
			}
		}
		return nil
	}))
	f.same("revision at the end", f.Revision("b"), booking.Revision(1+changes))
}

// holdInAll makes the n-th hold, due at once, and a booking in every venue, with an answer.
func (f *Fixture) holdInAll(venues []booking.VenueID, n int) error {
	needs := make([]store.Need, len(venues))
	for i, venue := range venues {
		needs[i].Venue = venue
	}
	return f.Store.Update(f.Context(), needs, func(found []store.Found) ([]store.Write, error) {
		writes := make([]store.Write, len(venues))
		for i, venue := range venues {
			d := NewDraft(venue, found[i])
			d.Book(SampleHold(venue, n, Slot, Morning, Chair1))
			d.Book(SampleBooking(venue, 100+n, Slot, Chair2))
			d.Answers = []booking.Answer{SampleAnswer(n, Morning)}
			writes[i] = d.Decided()
		}
		return writes, nil
	})
}

// lookTogether asks for everything, writes nothing, and compares all of it with the revision.
func (f *Fixture) readTogether(venues []booking.VenueID, most int) error {
	needs := make([]store.Need, len(venues))
	for i, venue := range venues {
		needs[i] = store.Need{Venue: venue, Known: 1, Uses: []store.Use{{Resource: Chair2}}}
		for n := range most {
			needs[i].Bookings = append(needs[i].Bookings, BookingID(n))
			needs[i].Answers = append(needs[i].Answers, SampleAnswer(n, Morning).Key)
		}
	}
	found, err := findOnly(f.Context(), f.Store, needs)
	if err != nil {
		return err
	}
	for i, found := range found {
		n := int(found.Revision) - 1
		got := []int{n, len(found.Changes), len(found.Due), len(found.Bookings), len(found.Answers), len(found.Uses[0])}
		if want := []int{n, n, n, n, n, n}; fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("venue %s after %d holds: found %d changes, %d due, %d bookings, %d answers, %d uses",
				venues[i], n, got[1], got[2], got[3], got[4], got[5])
		}
	}
	if found[0].Revision != found[1].Revision {
		return fmt.Errorf("venues that change together were found at %d and %d", found[0].Revision, found[1].Revision)
	}
	return nil
}

// isolationAgain has many transactions at once, of which each remembers what it was told last: that is what it wrote.
func isolationAgain(f *Fixture) {
	const clients, times = 6, 5
	f.PutCatalogue("salon")
	var last [clients * times]booking.Revision
	f.must("write together", together(clients, func(i int) error {
		for n := range times {
			id := i*times + n
			err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error {
				last[id] = d.Change.Revision
				d.Book(SampleBooking("salon", id, Slot, Chair1))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	for n, told := range last {
		f.same("revision of what was written", f.Booking("salon", BookingID(n)).Revision, told)
	}
}
