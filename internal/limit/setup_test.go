package limit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// tally counts what a limiter tells its meter.
type tally struct {
	mu    sync.Mutex
	times map[string]int
}

func (t *tally) count(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.times[what]++
}

func (t *tally) of(what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.times[what]
}

func (t *tally) Refused(limit string) { t.count("refused " + limit) }

func (t *tally) Unidentified(reason string) { t.count("unidentified " + reason) }

// fixture is a limiter with its surroundings.
type fixture struct {
	*Limiter
	clock *clock
	tally *tally
	log   *lockedBuffer
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newFixture(trusted ...string) *fixture {
	f := &fixture{
		clock: &clock{now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)}, tally: &tally{times: make(map[string]int)},
		log: new(lockedBuffer),
	}
	config := Config{
		Trusted: Loopback(), Now: f.clock.Now, Meter: f.tally, Alerts: NoAlerts{},
		Log: slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, t := range trusted {
		config.Trusted = append(config.Trusted, netip.MustParsePrefix(t))
	}
	f.Limiter = New(config)
	return f
}

func at(address string) Client { return Address(netip.MustParseAddr(address)) }

func keyOf(key string) Client { return Key(sha256.Sum256([]byte(key))) }

// nth is one of many IPv4 addresses.
func nth(i int) Client {
	return Address(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}))
}

// allowed is how many of n tries pass.
func (f *fixture) allowed(c Client, r Rate, n int) (passed int) {
	for range n {
		if f.Allow(c, r) == nil {
			passed++
		}
	}
	return passed
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}
