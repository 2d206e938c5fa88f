package alert_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/alert"
)

// While it is paused nobody is notified, and all is in the log and the metric as ever. Afterwards who was not notified of what is still
// true, is; what was over before is told to nobody.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := new(recorder)
		tracker, m := newTracker(t, &log, r)
		tracker.Resume() // which it need not
		tracker.Pause()
		tracker.Pause()
		tracker.Critical("over", "is over soon")
		pass(time.Second)
		tracker.Warning("still", "is still true")
		tracker.Resolve("over")
		pass(time.Hour)
		equal(t, r.all())
		if n := strings.Count(log.String(), "alert raised"); n != 2 || !strings.Contains(log.String(), "alert resolved") {
			t.Errorf("the log says:\n%s", &log)
		}
		if m.active["still warning"] != 1 || m.active["over critical"] != 0 || m.sent["paused"] != 3 || m.sent["sent"] != 0 {
			t.Errorf("metrics: %v, %v", m.active, m.sent)
		}
		tracker.Resume()
		tracker.Resume()
		synctest.Wait()
		equal(t, r.all(), "still warning")
		tracker.Resolve("still")
		synctest.Wait()
		equal(t, r.all(), "still warning", "still resolved")
	})
}

// What waits when the pause begins is not sent any more: what was not tried, and what is tried again.
func TestPauseWithdrawsWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{fail: func(int) error { return errors.New("nobody is there") }}
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		tracker.Warning("first", "is tried again and again")
		synctest.Wait()
		tracker.Warning("second", "waits behind it")
		tracker.Pause()
		tried := r.attempts
		pass(time.Hour)
		if r.attempts > tried {
			t.Errorf("it was tried %d times more", r.attempts-tried)
		}
		equal(t, r.all())
		r.mu.Lock()
		r.fail = nil
		r.mu.Unlock()
		tracker.Resume()
		synctest.Wait()
		equal(t, r.all(), "first warning", "second warning")
	})
}

// What is raised before it is known whether the database is a copy waits for that, and is told to nobody if it is.
func TestPauseBeforeTheStart(t *testing.T) {
	t.Parallel()
	for _, paused := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := new(recorder)
			tracker := alert.New(alert.Config{Log: slog.New(slog.DiscardHandler), Meter: new(meter), Notifiers: []alert.Notifier{r}})
			tracker.Warning("early", "is raised at once")
			pass(time.Second)
			equal(t, r.all())
			want := []string{"early warning"}
			if paused {
				tracker.Pause()
				want = nil
			}
			tracker.Start()
			synctest.Wait()
			equal(t, r.all(), want...)
			tracker.Close(context.Background())
		})
	}
}

// Who was told of an alert before the pause is told that it is over, at once: an alert that stays open at the receiver hides the next one.
func TestWhatWasToldBeforeThePauseIsResolved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		tracker, m := newTracker(t, new(bytes.Buffer), r)
		tracker.Critical("told", "is true")
		synctest.Wait()
		tracker.Pause()
		tracker.Critical("untold", "is true during the pause")
		tracker.Resolve("untold")
		tracker.Resolve("told")
		synctest.Wait()
		equal(t, r.all(), "told critical", "told resolved")
		tracker.Critical("told", "is true again")
		tracker.Resolve("told")
		synctest.Wait()
		equal(t, r.all(), "told critical", "told resolved")
		if m.sent["sent"] != 2 || m.sent["paused"] != 4 {
			t.Errorf("metrics: %v", m.sent)
		}
		tracker.Resume()
		synctest.Wait()
		equal(t, r.all(), "told critical", "told resolved")
	})
}

// What waits to be told as resolved when the pause begins is told nevertheless, and is not withdrawn while it is tried again.
func TestPauseLeavesWhatIsResolved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		tracker.Warning("first", "is true")
		tracker.Warning("second", "is true")
		synctest.Wait()
		r.mu.Lock()
		r.fail = func(attempt int) error {
			if attempt < 5 {
				return errors.New("nobody is there")
			}
			return nil
		}
		r.mu.Unlock()
		tracker.Resolve("first")
		synctest.Wait()
		tracker.Resolve("second")
		tracker.Pause()
		pass(time.Minute)
		equal(t, r.all(), "first warning", "second warning", "first resolved", "second resolved")
	})
}

// An attempt that is under way when the pause begins may succeed after it: then it counts as told.
func TestPauseDuringAnAttempt(t *testing.T) {
	t.Parallel()
	for _, resolvedFirst := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := &recorder{hold: make(chan struct{})}
			tracker, _ := newTracker(t, new(bytes.Buffer), r)
			tracker.Warning("slow", "is being told")
			synctest.Wait()
			tracker.Pause()
			if resolvedFirst {
				tracker.Resolve("slow")
				close(r.hold)
				synctest.Wait()
				equal(t, r.all(), "slow warning", "slow resolved")
				return
			}
			tracker.Resume()
			close(r.hold)
			synctest.Wait()
			equal(t, r.all(), "slow warning")
		})
	}
}

// At the end of a pause those alerts are told that nobody knows of, or whose severity is another.
func TestResumeTellsWhatIsNew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		for _, key := range []string{"same", "worse", "back"} {
			tracker.Warning(key, "is true")
			pass(time.Second)
		}
		told := []string{"same warning", "worse warning", "back warning"}
		equal(t, r.all(), told...)
		r.mu.Lock()
		r.hold = make(chan struct{})
		r.mu.Unlock()
		tracker.Pause()
		tracker.Warning("same", "is true, in other words")
		tracker.Critical("worse", "is critical now")
		tracker.Warning("new", "is true since")
		tracker.Resolve("back")
		pass(time.Second)
		tracker.Warning("back", "is true again")
		tracker.Resume()
		close(r.hold)
		synctest.Wait()
		equal(t, r.all(), append(told, "back resolved", "worse critical", "new warning", "back warning")...)
		tracker.Pause()
		tracker.Resume()
		synctest.Wait()
		equal(t, r.all(), append(told, "back resolved", "worse critical", "new warning", "back warning")...)
	})
}
