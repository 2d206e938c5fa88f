package live_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/live"
)

// Whoever asks is heard: the work begins once more after the last Ask, and never twice at once.
func TestWorkerRunsAgainAfterTheLastAsk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, asked, seen atomic.Int64
		e := live.Worker{Work: func() {
			if running.Add(1) != 1 {
				t.Error("the work runs twice at once")
			}
			seen.Store(asked.Load())
			running.Add(-1)
		}}
		for range 8 {
			go func() {
				for range 1000 {
					asked.Add(1)
					e.Trigger()
				}
			}()
		}
		synctest.Wait()
		if seen.Load() != 8000 {
			t.Errorf("the last run saw %d of 8000", seen.Load())
		}
		e.Stop()
	})
}

// Stop waits for the work that is under way, and nothing begins afterwards.
func TestWorkerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		done := 0
		e := live.Worker{Work: func() {
			<-time.After(time.Second)
			done++
		}}
		e.Stop()
		e.Trigger() // too late
		synctest.Wait()
		f := live.Worker{Work: e.Work}
		f.Trigger()
		synctest.Wait()
		f.Trigger()
		began := time.Now()
		go f.Stop()
		f.Stop()
		if done != 1 || time.Since(began) != time.Second {
			t.Errorf("done %d times after %v", done, time.Since(began))
		}
		f.Trigger()
		<-time.After(time.Minute)
		if done != 1 {
			t.Error("the work began after Stop")
		}
		f.Stop()
	})
}
