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

// Clients hold and cancel one slot over and over. Whoever has a place keeps it for a while, so that all places are taken at once
// again and again. The control: of a slot with one place more, the same clients see one more at once.
func TestChurnNeverOversells(t *testing.T) {
	t.Parallel()
	if most := churn(t, 4); most != 4 {
		t.Errorf("of 4 places, %d were had at once", most)
	}
	if most := churn(t, 5); most != 5 {
		t.Errorf("negative control: of 5 places, %d were had at once, so more than 4 would not be seen", most)
	}
}

// churn returns the most places that were had at once: each client counts itself in after its hold was acknowledged, and out before
// it asks to leave, so that the count never exceeds what the server has given out.
func churn(t *testing.T, places int) int64 {
	t.Helper()
	c := serve(t)
	class(t, c, places)
	var inside, most, had atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for had.Load() < 150 {
				b, err := c.Hold(t.Context(), "studio", wish())
				if client.IsCode(err, client.CodeSlotUnavailable) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				had.Add(1)
				n := inside.Add(1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				// A place is kept until all are taken, or for some looks at the calendar if the others have had enough.
				for looks := 0; looks < 20 && inside.Load() < int64(places); looks++ {
					if slot := slotAt(t, availability(t, c, query()), tomorrow()); slot.Remaining < 0 || slot.Remaining >= places {
						t.Errorf("while a place is held, %d of %d remain", slot.Remaining, places)
					}
				}
				inside.Add(-1)
				if _, err := c.Cancel(t.Context(), "studio", b.ID, client.Token(b.ManageToken)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if slot := slotAt(t, availability(t, c, query()), tomorrow()); slot.Remaining != places {
		t.Errorf("after everybody left, %d of %d remain", slot.Remaining, places)
	}
	return most.Load()
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
