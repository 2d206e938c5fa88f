package alert_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/alert"
)

// meter remembers how many alerts are active, and how notifications ended.
type meter struct {
	mu     sync.Mutex
	active map[string]int
	sent   map[string]int
}

func (m *meter) AlertBegan(key, severity string) { m.add(key, severity, 1) }
func (m *meter) AlertEnded(key, severity string) { m.add(key, severity, -1) }

func (m *meter) add(key, severity string, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.active == nil {
		m.active = make(map[string]int)
	}
	m.active[key+" "+severity] += n
}

func (m *meter) AlertSent(_, outcome string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sent == nil {
		m.sent = make(map[string]int)
	}
	m.sent[outcome]++
}

// recorder is a notifier that remembers what it was told, and fails when it is asked to.
type recorder struct {
	mu   sync.Mutex
	told []string
	at   []time.Time
	// fail is asked before each attempt, counted from 1.
	fail     func(attempt int) error
	attempts int
	// hold, if it is set, is waited for.
	hold chan struct{}
}

func (*recorder) Name() string { return "recorder" }

func (r *recorder) Notify(ctx context.Context, a alert.Alert) error {
	if r.hold != nil {
		select {
		case <-r.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts++
	r.at = append(r.at, time.Now())
	if r.fail != nil {
		if err := r.fail(r.attempts); err != nil {
			return err
		}
	}
	state := string(a.Severity)
	if !a.ResolvedAt.IsZero() {
		state = "resolved"
	}
	r.told = append(r.told, strings.TrimSpace(a.Key+" "+a.Subject)+" "+state)
	return nil
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told)
}

func newTracker(t *testing.T, log *bytes.Buffer, n ...alert.Notifier) (*alert.Tracker, *meter) {
	t.Helper()
	m := new(meter)
	tracker := alert.New(alert.Config{Log: slog.New(slog.NewTextHandler(log, nil)), Meter: m, Notifiers: n})
	tracker.Start()
	t.Cleanup(func() { tracker.Close(context.Background()) })
	return tracker, m
}

// pass lets time pass in a bubble, and everything happen that is due then.
func pass(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // of the bubble's clock
	synctest.Wait()
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("told of %q, want %q", got, want)
	}
}

func TestRaisedOnceUntilResolved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := new(recorder)
		tracker, m := newTracker(t, &log, r)
		for range 100 { // a check that runs every second
			tracker.Warning("standby_lags", "the standby is behind")
			pass(time.Second)
		}
		equal(t, r.all(), "standby_lags warning")
		began := tracker.Active()[0].Since

		tracker.Critical("standby_lags", "the standby is gone") // another severity is told, and it is still the same alert
		synctest.Wait()
		equal(t, r.all(), "standby_lags warning", "standby_lags critical")
		if a := tracker.Active(); len(a) != 1 || !a[0].Since.Equal(began) || a[0].Text != "the standby is gone" {
			t.Errorf("active: %+v", a)
		}
		if m.active["standby_lags warning"] != 0 || m.active["standby_lags critical"] != 1 {
			t.Errorf("metric: %v", m.active)
		}

		tracker.Resolve("standby_lags")
		tracker.Resolve("standby_lags")
		tracker.Resolve("never_raised")
		synctest.Wait()
		equal(t, r.all(), "standby_lags warning", "standby_lags critical", "standby_lags resolved")
		tracker.Warning("standby_lags", "again")
		synctest.Wait()
		equal(t, r.all(), "standby_lags warning", "standby_lags critical", "standby_lags resolved", "standby_lags warning")
		if n := strings.Count(log.String(), "alert raised"); n != 3 {
			t.Errorf("%d lines of the log for 3 beginnings:\n%s", n, &log)
		}
		if m.sent["sent"] != 4 {
			t.Errorf("counted: %v", m.sent)
		}
	})
}

// What a source does not set any more is over. The alerts of others are left alone.
func TestSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		tracker, m := newTracker(t, new(bytes.Buffer), r)
		tracker.Warning("other", "somebody else's")
		lags := func(host string) alert.Alert {
			return alert.Alert{Key: "lags", Subject: host, Severity: alert.Warning, Text: host + " is behind"}
		}
		gone := lags("db2")
		gone.Severity = alert.Critical
		for _, set := range [][]alert.Alert{{lags("db1"), lags("db2")}, {lags("db2"), lags("db1")}, {lags("db1"), gone}, {gone}} {
			tracker.Set("database", set)
			synctest.Wait()
		}
		if m.active["lags warning"] != 0 || m.active["lags critical"] != 1 {
			t.Errorf("metric: %v", m.active)
		}
		tracker.Set("database", nil)
		tracker.Set("another source", nil)
		synctest.Wait()
		equal(t, r.all(), "other warning", "lags db1 warning", "lags db2 warning", "lags db2 critical", "lags db1 resolved", "lags db2 resolved")
		if a := tracker.Active(); len(a) != 1 || a[0].Key != "other" {
			t.Errorf("active: %v", a)
		}
	})
}

// A condition that comes and goes while nobody can be told is told once, as it is then.
func TestFlappingIsMerged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{hold: make(chan struct{})}
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		tracker.Warning("first", "is being sent")
		synctest.Wait()
		for range 1000 {
			tracker.Warning("flapping", "up and down")
			tracker.Resolve("flapping")
		}
		tracker.Critical("other", "waits behind it")
		close(r.hold)
		synctest.Wait()
		equal(t, r.all(), "first warning", "flapping resolved", "other critical")
	})
}

func TestAtMostTenAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		for i := range 35 {
			tracker.Warning(fmt.Sprintf("alert_%d", i), "one of many")
		}
		pass(5 * time.Minute)
		if len(r.all()) != 35 {
			t.Fatalf("%d of 35 were sent", len(r.all()))
		}
		for i := 10; i < len(r.at); i++ {
			if r.at[i].Sub(r.at[i-10]) < time.Minute {
				t.Errorf("the notifications %d to %d came within %s", i-10, i, r.at[i].Sub(r.at[i-10]))
			}
		}
	})
}

func TestRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{fail: func(attempt int) error {
			if attempt <= 5 {
				return errors.New("no route to host")
			}
			return nil
		}}
		var log bytes.Buffer
		tracker, m := newTracker(t, &log, r)
		tracker.Critical("database_away", "no database can be written to")
		pass(2 * time.Minute)
		equal(t, r.all(), "database_away critical")
		for i := 2; i < len(r.at); i++ {
			if r.at[i].Sub(r.at[i-1]) < r.at[i-1].Sub(r.at[i-2])/2 {
				t.Errorf("the time between attempts does not grow: %v", r.at)
			}
		}
		if strings.Count(log.String(), "could not be sent") != 1 || m.sent["failed"] != 0 {
			t.Errorf("log: %s, counted: %v", &log, m.sent)
		}
	})
}

// A retry of what is over by now makes room for the news.
func TestRetryOfWhatIsSuperseded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Bool
		r := &recorder{fail: func(int) error {
			if back.Load() {
				return nil
			}
			return errors.New("away")
		}}
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		tracker.Warning("brief", "soon over")
		synctest.Wait()
		tracker.Resolve("brief")
		back.Store(true)
		pass(time.Minute)
		equal(t, r.all(), "brief resolved")
	})
}

func TestRefusedIsNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{fail: func(int) error { return alert.RefusedError{Err: errors.New("404")} }}
		tracker, m := newTracker(t, new(bytes.Buffer), r)
		tracker.Warning("any", "text")
		pass(time.Hour)
		if r.attempts != 1 || m.sent["failed"] != 1 {
			t.Errorf("%d attempts, counted: %v", r.attempts, m.sent)
		}
	})
}

// Whoever raises an alert waits for nobody: not for a notifier that hangs, nor one that was not started.
func TestRaisingNeverBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{hold: make(chan struct{})}
		m := new(meter)
		tracker := alert.New(alert.Config{Log: slog.New(slog.DiscardHandler), Meter: m, Notifiers: []alert.Notifier{r}})
		began := time.Now()
		for i := range 500 {
			tracker.Warning(fmt.Sprintf("alert_%d", i), "one of very many")
			tracker.Resolve(fmt.Sprintf("alert_%d", i-50))
		}
		if time.Since(began) != 0 {
			t.Errorf("raising took %s", time.Since(began))
		}
		if len(tracker.Active()) != 50 || m.sent["dropped"] != 400 {
			t.Errorf("%d are active, counted: %v", len(tracker.Active()), m.sent)
		}
		tracker.Start()
		synctest.Wait()
		tracker.Close(t.Context()) // does not wait for what hangs, either
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("closing took %s", took)
		}
		tracker.Close(t.Context())
		tracker.Start()
		tracker.Warning("late", "after the end")
	})
}

func TestActiveAlertsAreBounded(t *testing.T) {
	t.Parallel()
	tracker, _ := newTracker(t, new(bytes.Buffer))
	for i := range 1000 {
		tracker.Warning(fmt.Sprintf("alert_%d", i), "text")
	}
	if n := len(tracker.Active()); n != 100 {
		t.Errorf("%d are active", n)
	}
}

func TestWhatWasRaisedIsSentBeforeTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		tracker, _ := newTracker(t, new(bytes.Buffer), r)
		tracker.Critical("one", "just before the end")
		tracker.Critical("two", "just before the end")
		tracker.Close(t.Context())
		equal(t, r.all(), "one critical", "two critical")
	})
}

func TestTextsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"postgres://vacancy:hunter2@db/v is gone":             "postgres://db/v is gone",
		"dial postgres://u:a@b:5432/v?password=hunter2&x=1 .": "dial postgres://b:5432/v?password=***&x=1 .",
		"host=db password='hunter2 x' user=v":                 "host=db password=*** user=v",
		`PASSWORD: "hunter2"`:                                 "PASSWORD=***",
		"token=hunter2, and more":                             "token=***, and more",
		"api_key=hunter2":                                     "api_key=***",
		"db1 and db2 are both written to":                     "db1 and db2 are both written to",
		"two\nlines\tand  blanks":                             "two lines and blanks",
		strings.Repeat("x", 10_000):                           strings.Repeat("x", 600) + "...",
	} {
		var log bytes.Buffer
		tracker, _ := newTracker(t, &log)
		tracker.Warning("any", text)
		if got := tracker.Active()[0].Text; got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
		if strings.Contains(log.String(), "hunter2") {
			t.Errorf("the log has it: %s", &log)
		}
	}
}
