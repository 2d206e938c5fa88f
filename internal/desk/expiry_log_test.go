package desk_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// dueAway is a store that cannot say which holds are due while it is away.
type dueAway struct {
	desk.Store
	away *atomic.Bool
}

func (s dueAway) Due(context.Context, int) (due []booking.VenueID, next time.Time, err error) {
	if s.away.Load() {
		return nil, time.Time{}, booking.ErrUnavailable
	}
	return nil, time.Time{}, nil
}

// In an outage each try to expire holds fails, once a second. The log says so once a minute, and once when it is over: other lines of the
// outage can be found between them.
func TestExpiryFailuresAreLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		var away atomic.Bool
		var log bytes.Buffer // read while all wait
		n := s.open(t, dueAway{s.store, &away}, func(c *desk.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		said := func() (failing, over int) {
			synctest.Wait()
			return strings.Count(log.String(), "holds could not be expired"), strings.Count(log.String(), "holds expire again")
		}
		for _, step := range []struct {
			away          bool
			lasts         time.Duration
			failing, over int // lines by then, in all
		}{
			{false, 10 * time.Second, 0, 0},
			{true, 30 * time.Second, 1, 0},
			{true, 2 * time.Minute, 3, 0},
			{false, 2 * time.Minute, 3, 1},
			{true, 10 * time.Second, 4, 1},
		} {
			away.Store(step.away)
			after := time.NewTimer(step.lasts)
			<-after.C
			if failing, over := said(); failing != step.failing || over != step.over {
				t.Errorf("after %+v: %d lines of failures, %d of their end", step, failing, over)
			}
		}
		n.Close()
	})
}
