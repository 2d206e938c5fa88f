package e2e

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"vacancy/client"
)

// A hundred clients want one of four places at once. Four get one, ninety-six are told where to go instead, nobody gets a fault.
func TestHundredClientsFourPlaces(t *testing.T) {
	t.Parallel()
	c := serve(t)
	class(t, c, 4)
	var booked, refused atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			_, err := c.Book(t.Context(), "studio", wish())
			problem, isProblem := errors.AsType[*client.Problem](err)
			switch {
			case err == nil:
				booked.Add(1)
			case !isProblem || problem.Status != 409 || problem.Code != client.CodeSlotUnavailable:
				t.Errorf("a booking failed with %v", err)
			case len(problem.Alternatives) != 5 || problem.Support.Email != "studio@example.com":
				t.Errorf("a refusal leads nowhere: %+v", problem)
			default:
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if booked.Load() != 4 || refused.Load() != 96 {
		t.Errorf("%d booked and %d refused, not 4 and 96", booked.Load(), refused.Load())
	}
	if slot := slotAt(t, availability(t, c, query()), tomorrow()); slot.Remaining != 0 || slot.Status != client.Full {
		t.Errorf("the slot is listed as %+v", slot)
	}
}

// Clients book and cancel one slot over and over. At no time do more than four hold a place: each counts itself in after it was
// acknowledged and out before it asks to leave, so the count never exceeds what the server has given out.
func TestChurnNeverOversells(t *testing.T) {
	t.Parallel()
	c := serve(t)
	class(t, c, 4)
	var inside, most, rounds atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 25 {
				b, err := c.Hold(t.Context(), "studio", wish())
				if client.IsCode(err, client.CodeSlotUnavailable) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				n := inside.Add(1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				rounds.Add(1)
				inside.Add(-1)
				if _, err := c.Cancel(t.Context(), "studio", b.ID, client.Token(b.ManageToken)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if most.Load() > 4 {
		t.Errorf("%d had a place at once", most.Load())
	}
	if rounds.Load() == 0 {
		t.Error("nobody ever got a place")
	}
	if slot := slotAt(t, availability(t, c, query()), tomorrow()); slot.Remaining != 4 {
		t.Errorf("after everybody left, %d remain", slot.Remaining)
	}
}

// What is offered is accepted: every slot of a day that is listed as free can be booked as listed.
func TestWhatIsOfferedIsAccepted(t *testing.T) {
	t.Parallel()
	c := serve(t)
	class(t, c, 1)
	day := availability(t, c, query()).Days[0]
	if len(day.Slots) < 23 {
		t.Fatalf("only %d slots are listed", len(day.Slots))
	}
	for _, slot := range day.Slots {
		b := wish()
		b.Start = slot.Start
		made, err := c.Book(t.Context(), "studio", b)
		must(t, err)
		if !made.End.Equal(slot.End) {
			t.Errorf("listed until %s, booked until %s", slot.End, made.End)
		}
	}
	for _, slot := range availability(t, c, query()).Days[0].Slots {
		if slot.Status != client.Full {
			t.Errorf("%s is listed as %s after it was booked", slot.Start, slot.Status)
		}
	}
}
