package live_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
)

// One attacker watches tens of thousands of days that can be booked. It is refused at the venue's share of the node; customers of other
// venues are served as ever, and those of the same venue get answers.
func TestFloodOfNearDays(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		const services = 150
		_, entries := livetest.Ferry()
		for i := range services {
			trip := *entries[2].Service
			trip.ID = booking.ServiceID(fmt.Sprintf("trip-%d", i))
			entries = append(entries, booking.Entry{Kind: booking.ServicePut, Service: &trip})
		}
		s.put("ferry", entries)
		asked, refused := 0, 0
		for i := range services {
			for _, q := range []live.Query{farDays(day(1), live.MaxQueryDays), farDays(day(1).AddDays(live.MaxQueryDays), 30)} {
				q.Service = booking.ServiceID(fmt.Sprintf("trip-%d", i))
				asked += q.From.DaysUntil(q.To) + 1
				sub, err := s.Hub.Subscribe(t.Context(), q, "", live.Unlimited{}, livetest.NewWaker())
				if errors.Is(err, live.ErrFull) {
					refused++
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(sub.Close)
			}
		}
		if days, _ := s.Hub.Size(); asked < 13_000 || refused < 40 || days > live.DefaultMaxDayStates/2 {
			t.Errorf("of %d days %d are kept, and %d subscriptions refused", asked, days, refused)
		}
		other := s.come(cuts(1, 9), "")
		other.gets(live.EventSnapshot)
		s.book(other.query, at(3, 10, 0), 1)
		wait(time.Second)
		other.gets(live.EventDelta)
		other.agrees()
		q := farDays(day(1), 30)
		q.Service = booking.ServiceID(fmt.Sprintf("trip-%d", services-1))
		if _, slots := s.get(q).Snapshot.Size(); slots < 300 {
			t.Errorf("a customer of the same venue gets %d slots", slots)
		}
	})
}
