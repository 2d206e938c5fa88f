package live_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/view"
)

// forgetful is a view that drops a venue, and loses its store, right after it has given a picture of it.
type forgetful struct {
	*view.View
	store *livetest.Store
	// after is after how many pictures it does so; negative: never.
	after int
}

func (f *forgetful) Picture(ctx context.Context, id booking.VenueID) (*view.Picture, error) {
	p, err := f.View.Picture(ctx, id)
	if f.after--; f.after == 0 && err == nil {
		if _, err := f.View.Picture(ctx, "barber"); err != nil { // there is room for one venue
			panic(err)
		}
		f.store.SetDown(true)
	}
	return p, err
}

// A venue that leaves the view between two reads of it, with the store down, is answered from what was read: GET, a live reader and one
// who follows a booking are served, and hear of what comes when the store is back.
func TestVenueIsDroppedInBetween(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]int{"after the first read": 1, "after the second": 2, "control: never": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := new(forgetful)
			inSceneWith(t, func(c *live.Config) {
				store, _ := c.View.(*view.View)
				f.View = store
				c.View = f
			}, func(t *testing.T, s scene) {
				f.store = s.store
				small := view.New(view.Config{Store: s.store, Now: time.Now, Log: slog.New(slog.DiscardHandler), MaxVenues: 1})
				small.Listen(s.Hub)
				f.View, s.View = small, small

				r := s.come(trips(2, 4, 1), "") // the negative control: it can be read
				r.gets(live.EventSnapshot)
				r.sub.Close()
				for _, ask := range []func() error{
					func() error { _, err := s.Hub.Snapshot(t.Context(), trips(2, 5, 1), booking.Position{}); return err },
					func() error { _, err := s.Hub.Snapshot(t.Context(), trips(2, 5, 1), booking.Position{}); return err },
					func() error {
						sub, err := s.Hub.Subscribe(t.Context(), trips(2, 6, 1), "", live.Unlimited{}, livetest.NewWaker())
						if err == nil {
							r.sub, r.query = sub, trips(2, 6, 1)
						}
						return err
					},
					func() error {
						follow, err := s.Hub.Follow(t.Context(), "ferry", "bk_1", "secret", livetest.NewWaker())
						if err == nil {
							follow.Close()
						}
						return err
					},
				} {
					f.after = after
					if err := ask(); err != nil {
						t.Error(err)
					}
					f.after = -1
					s.store.SetDown(false)
				}
				if _, err := small.Picture(t.Context(), "barber"); err != nil {
					t.Fatal(err)
				}
				s.store.SetDown(true)
				s.get(trips(2, 5, 1)) // the view has dropped it, and the hub has not
				s.store.SetDown(false)
				r.pull()
				s.commit(r.query, at(2, 10, 0), 1)
				small.Check(t.Context())
				wait(time.Second)
				r.gets(live.EventDelta)
				r.agrees()
				r.sub.Close()
			})
		})
	}
}
