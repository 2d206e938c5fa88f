package limit

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// alerts remembers what is active, and how often anything was raised.
type alerts struct {
	mu     sync.Mutex
	active map[string]string
	raised int
}

func (a *alerts) Warning(key, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active[key] == "" {
		a.raised++
	}
	a.active[key] = text
}

func (a *alerts) Resolve(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.active, key)
}

func (a *alerts) text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.active[dominantClientAlert]
}

// A client that makes most of many requests, minute after minute, is told of, and is not refused for it. It ends when the client does.
func TestDominantClient(t *testing.T) {
	t.Parallel()
	crowd := func(i int) Client { return nth(i % 10_000) }
	beside := func(others func(i int) Client, is func(i int) bool) func(int) Client {
		return func(i int) Client {
			if is(i) {
				return at("203.0.113.7")
			}
			return others(i)
		}
	}
	nobody := func(int) Client { return Client{} }
	for name, minute := range map[string]struct {
		// request makes the i-th request of a minute.
		request  func(i int) Client
		requests int
		want     string // of the alert; "" for none
	}{
		"one address makes two thirds":      {beside(crowd, func(i int) bool { return i%3 > 0 }), manyRequests, "203.0.113.0"},
		"it is refused and goes on":         {beside(crowd, func(i int) bool { return i%40 > 0 }), 4 * manyRequests, "203.0.113.0"},
		"one network of IPv6 makes them":    {inNetwork, manyRequests, "2001:db8:1::"},
		"a busy crowd, spread":              {crowd, 4 * manyRequests, ""},
		"a busy crowd and one with a third": {beside(crowd, func(i int) bool { return i%3 == 0 }), 4 * manyRequests, ""},
		"exactly half":                      {beside(crowd, func(i int) bool { return i%2 == 0 }), 2 * manyRequests, ""},
		"the only visitor of a quiet night": {beside(crowd, func(int) bool { return true }), manyRequests - 1, ""},
		"a key that imports":                {func(int) Client { return keyOf("import") }, manyRequests, ""},
		"a proxy that nobody configured":    {nobody, manyRequests, ""},
		"a third beside unknown callers":    {beside(nobody, func(i int) bool { return i%3 == 0 }), 3 * manyRequests, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				told := &alerts{active: make(map[string]string)}
				l := watched(t, told)
				play := func(minutes int) {
					for range minutes {
						for i := range minute.requests {
							_ = l.Allow(minute.request(i), Requests)
						}
						endPeriods(1)
					}
				}
				play(dominantPeriods) // the first finds the candidate only
				equal(t, "alert before it lasted", told.text(), "")
				play(1)
				if text := told.text(); minute.want == "" && text != "" || !strings.Contains(text, minute.want) {
					t.Errorf("the alert says %q, want one about %q", text, minute.want)
				}
				equal(t, "a share is shown", l.Stats().DominantShare > 0.5, minute.want != "")
				play(10)
				equal(t, "it is still told", told.text() != "", minute.want != "")
				endPeriods(dominantPeriods)
				equal(t, "alert once it is over", told.text(), "")
				equal(t, "share once it is over", l.Stats().DominantShare, 0)
				if told.raised > 1 {
					t.Errorf("it was raised %d times", told.raised)
				}
			})
		})
	}
}

// A client that is busy now and then is no news, and one that pauses for a minute does not have the alert end and begin again.
func TestDominantClientNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := &alerts{active: make(map[string]string)}
		l := watched(t, told)
		minutes := func(n, requests int) {
			for range n {
				l.times(requests, at("203.0.113.7"))
				endPeriods(1)
			}
		}
		for range 5 {
			minutes(dominantPeriods-1, 2*manyRequests)
			minutes(1, 0)
		}
		equal(t, "raised", told.raised, 0)
		minutes(dominantPeriods+1, 2*manyRequests)
		equal(t, "raised", told.raised, 1)
		minutes(1, 0)
		minutes(dominantPeriods+1, 2*manyRequests)
		equal(t, "raised after a pause", told.raised, 1)
	})
}

func (l *Limiter) times(n int, c Client) {
	for range n {
		_ = l.Allow(c, Requests)
	}
}

// watched is a limiter that runs, on the clock of the bubble.
func watched(t *testing.T, told Alerts) *Limiter {
	t.Helper()
	f := newFixture()
	l := New(Config{Now: time.Now, Log: f.notices.log, Meter: f.tally, Alerts: told})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return l
}

// endPeriods lets so many periods end.
func endPeriods(n int) {
	for range n {
		<-time.After(dominantPeriod)
		synctest.Wait()
	}
}

// inNetwork is one of the many addresses that one IPv6 network has, or of another one's at times.
func inNetwork(i int) Client {
	return at("2001:db8:" + [...]string{"1:1", "1:2", "1:a1", "1:ff00", "2:1"}[i%5] + "::9")
}
