package limit

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRates(t *testing.T) {
	t.Parallel()
	for r := range rates {
		t.Run(r.String(), func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			one, other := at("203.0.113.7"), at("203.0.113.8")
			q := addressQuotas[r]
			equal(t, "at once", f.allowed(one, r, q.Burst+100), q.Burst)
			equal(t, "somebody else meanwhile", f.allowed(other, r, 10), 10)
			err, ok := errors.AsType[*Exceeded](f.Allow(one, r))
			if !ok || err.Limit != r.String() || err.RetryAfter != q.Every {
				t.Fatalf("the refusal is %+v", err)
			}
			f.clock.Advance(q.Every * 3)
			equal(t, "a little later", f.allowed(one, r, 10), 3)
			f.clock.Advance(q.Every * time.Duration(q.Burst))
			equal(t, "much later", f.allowed(one, r, q.Burst+100), q.Burst)
			if f.tally.of("refused "+r.String()) != 100+1+7+100 {
				t.Errorf("the meter was told of %d refusals", f.tally.of("refused "+r.String()))
			}
		})
	}
}

// One kind of thing does not use up another's quota.
func TestLimitsAreApart(t *testing.T) {
	t.Parallel()
	f := newFixture()
	c := at("203.0.113.7")
	f.allowed(c, FailedAuthentication, 100)
	equal(t, "bookings", f.allowed(c, Bookings, 1000), addressQuotas[Bookings].Burst)
	equal(t, "requests", f.allowed(c, Requests, 10_000), addressQuotas[Requests].Burst)
}

// A key has limits of its own, whatever else comes from where it is used.
func TestKeysAreApart(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.allowed(at("203.0.113.7"), Requests, 10_000)
	f.allowed(keyOf("other"), Requests, 100_000)
	equal(t, "a key", f.allowed(keyOf("admin"), Requests, 100_000), keyQuotas[Requests].Burst)
	if _, err := f.Acquire(keyOf("admin"), LiveConnections, 1_000_000); err != nil {
		t.Errorf("counts are for addresses: %v", err)
	}
}

// A /64 is one client; a /56 may do four times as much as one, a /48 sixteen times, and none of it can be had twice.
func TestIPv6Networks(t *testing.T) {
	t.Parallel()
	burst := addressQuotas[Bookings].Burst
	for _, test := range []struct {
		name    string
		address func(i int) string
		want    int
	}{
		{"one /64", func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", i%65536) }, burst},
		{"one /56", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i%256) }, 4 * burst},
		{"one /48", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i%65536) }, 16 * burst},
		{"many /48", func(i int) string { return fmt.Sprintf("2001:db8:%x::1", i%65536) }, 5000},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			passed := 0
			for i := range 5000 {
				passed += f.allowed(at(test.address(i*257)), Bookings, 1)
			}
			equal(t, "bookings", passed, test.want)
		})
	}
}

// A neighbour in the same /48 is refused only when the whole of it did sixteen times what one may: what a refused client tried to take
// at the other levels is given back.
func TestRefusedTriesDoNotUseUpTheNetwork(t *testing.T) {
	t.Parallel()
	f := newFixture()
	burst := addressQuotas[Bookings].Burst
	equal(t, "one /64", f.allowed(at("2001:db8:1:200::1"), Bookings, 100*burst), burst)
	equal(t, "a neighbour in the /56", f.allowed(at("2001:db8:1:201::1"), Bookings, burst), burst)
	equal(t, "a neighbour in the /48", f.allowed(at("2001:db8:1:301::1"), Bookings, burst), burst)
}

func TestRefund(t *testing.T) {
	t.Parallel()
	for _, c := range []Client{at("203.0.113.7"), at("2001:db8::1"), keyOf("admin")} {
		f := newFixture()
		burst := c.quota(Bookings).Burst
		for range 10 * burst { // lost races
			if err := f.Allow(c, Bookings); err != nil {
				t.Fatal(err)
			}
			f.Refund(c, Bookings)
		}
		equal(t, "entries of clients that did nothing", f.table.len(), 0)
		equal(t, "bookings", f.allowed(c, Bookings, 10*burst), burst)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for what := range counts {
		t.Run(what.String(), func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			c, most := at("203.0.113.7"), maxConcurrent[what]
			releases := make([]func(), most)
			for i := range releases {
				release, err := f.Acquire(c, what, 1)
				if err != nil {
					t.Fatalf("the %dth of %d is refused: %v", i+1, most, err)
				}
				releases[i] = release
			}
			err, ok := errors.AsType[*Exceeded](acquire(f, c, what, 1))
			if !ok || err.Limit != what.String() || err.Quota.Burst != most {
				t.Fatalf("the refusal is %v", err)
			}
			if err := acquire(f, at("203.0.113.8"), what, 1); err != nil {
				t.Errorf("somebody else is refused: %v", err)
			}
			releases[0]()
			releases[0]() // as a second Close does
			if err := acquire(f, c, what, 1); err != nil {
				t.Errorf("what was closed is not free: %v", err)
			}
			if err := acquire(f, c, what, 1); err == nil {
				t.Error("what was closed is free twice")
			}
		})
	}
}

func acquire(f *fixture, c Client, what Count, n int) error {
	_, err := f.Acquire(c, what, n)
	return err
}

// A refused acquisition leaves nothing behind at any level, nor in the table.
func TestCountsOfIPv6Networks(t *testing.T) {
	t.Parallel()
	f := newFixture()
	most := maxConcurrent[WatchedDays]
	release, err := f.Acquire(at("2001:db8:1:2::1"), WatchedDays, most)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if acquire(f, at("2001:db8:1:2::2"), WatchedDays, 1) == nil {
			t.Fatal("a /64 has more than one client may")
		}
	}
	for i := range 3 {
		if err := acquire(f, at(fmt.Sprintf("2001:db8:1:%x::", 3+i)), WatchedDays, most); err != nil {
			t.Fatalf("the %dth /64 of a /56: %v", i+2, err)
		}
	}
	if acquire(f, at("2001:db8:1:9::"), WatchedDays, 1) == nil {
		t.Error("a /56 has more than four may")
	}
	release()
	if err := acquire(f, at("2001:db8:1:9::"), WatchedDays, most); err != nil {
		t.Errorf("what was released is not free: %v", err)
	}
}

// Whatever many goroutines do at once, no more than the limit is held, and in the end nothing is.
func TestCountsUnderConcurrency(t *testing.T) {
	t.Parallel()
	f := newFixture()
	var held, most atomic.Int64
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			c := at(fmt.Sprintf("2001:db8:1:2::%x", i))
			for range 500 {
				release, err := f.Acquire(c, LiveConnections, 17)
				if err != nil {
					continue
				}
				n := held.Add(17)
				for {
					seen := most.Load()
					if n <= seen || most.CompareAndSwap(seen, n) {
						break
					}
				}
				_ = f.Allow(c, Requests)
				held.Add(-17)
				release()
			}
		})
	}
	all.Wait()
	if most.Load() > int64(maxConcurrent[LiveConnections]) || most.Load() == 0 {
		t.Errorf("%d were held at once", most.Load())
	}
	f.clock.Advance(time.Hour)
	if err := acquire(f, at("2001:db8:1:2::"), LiveConnections, maxConcurrent[LiveConnections]); err != nil {
		t.Errorf("in the end something is held: %v", err)
	}
}

// Whoever cannot be told from others, and everybody if limits are off, may do everything, and leaves no trace.
func TestNobodyIsLimited(t *testing.T) {
	t.Parallel()
	f := newFixture()
	off := newFixture()
	off.off = true
	for name, test := range map[string]struct {
		f *fixture
		c Client
	}{"nobody in particular": {f, Client{}}, "limits are off": {off, at("203.0.113.7")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "requests", test.f.allowed(test.c, Requests, 5000), 5000)
			if err := acquire(test.f, test.c, WatchedDays, 100_000); err != nil {
				t.Error(err)
			}
			undo, err := test.f.AllowOnce(test.c, Bookings, [32]byte{1})
			if err != nil {
				t.Error(err)
			}
			undo()
			test.f.Refund(test.c, Requests)
			equal(t, "entries", test.f.table.len(), 0)
		})
	}
}

// A repeat of a call is free, for as long as answers get lost. A call that came to nothing is forgotten.
func TestRepeatsAreFree(t *testing.T) {
	t.Parallel()
	f := newFixture()
	c, burst := at("203.0.113.7"), addressQuotas[Bookings].Burst
	once := func(id int) (func(), error) { return f.AllowOnce(c, Bookings, [32]byte{byte(id), byte(id >> 8)}) }
	for id := range burst {
		if _, err := once(id); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		undo, err := once(3)
		if err != nil {
			t.Fatalf("a repeat is refused: %v", err)
		}
		undo() // whatever becomes of a repeat, the first call stays counted
	}
	if _, err := once(burst); err == nil {
		t.Fatal("a new call is free")
	}
	f.clock.Advance(time.Hour)
	for id := range burst { // they count again now
		undo, err := once(1000 + id)
		if err != nil {
			t.Fatal(err)
		}
		undo()
	}
	if _, err := once(1000); err != nil {
		t.Errorf("a call that came to nothing was counted: %v", err)
	}
	equal(t, "bookings left", f.allowed(c, Bookings, 1000), burst-1)
	if _, err := once(3); err == nil {
		t.Error("a repeat is free for ever")
	}
	for i := range 3 * maxRepeats {
		_, _ = f.repeats.add([32]byte{byte(i), byte(i >> 8), byte(i >> 16), 1}, f.sinceStart())
	}
	remembered := 0
	for i := range f.repeats.shards {
		remembered += len(f.repeats.shards[i].requests)
	}
	if remembered > maxRepeats {
		t.Errorf("%d ids are remembered", remembered)
	}
}

// A call fails after a repeat of it was let through for free. It stays counted, since the repeat may succeed: otherwise pairs of calls
// would be free, of which the first fails. The control: a call that was not repeated is given back.
func TestCallThatWasRepeatedStaysCounted(t *testing.T) {
	t.Parallel()
	for name, repeated := range map[string]bool{"repeated": true, "not repeated": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			c, burst := at("203.0.113.7"), addressQuotas[Bookings].Burst
			passed := 0
			for i := range 3 * burst {
				undo, err := f.AllowOnce(c, Bookings, [32]byte{byte(i), byte(i >> 8)})
				if err != nil {
					continue
				}
				passed++
				if repeated {
					if _, err := f.AllowOnce(c, Bookings, [32]byte{byte(i), byte(i >> 8)}); err != nil {
						t.Fatalf("a repeat is refused: %v", err)
					}
				}
				undo()
				undo() // the second time does nothing
			}
			if want := map[bool]int{true: burst, false: 3 * burst}[repeated]; passed != want {
				t.Errorf("%d calls passed, not %d", passed, want)
			}
		})
	}
}

// Calls of one id arrive at the same time, from a client that is over its limit: none of them passes as a repeat of one that is refused.
func TestNoRepeatOfWhatIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture()
	c, burst := at("203.0.113.7"), addressQuotas[Bookings].Burst
	equal(t, "bookings", f.allowed(c, Bookings, burst), burst)
	var all sync.WaitGroup
	var passed atomic.Int64
	for range 8 {
		all.Go(func() {
			for i := range 250 {
				if _, err := f.AllowOnce(c, Bookings, [32]byte{byte(i), byte(i >> 8)}); err == nil {
					passed.Add(1)
				}
			}
		})
	}
	all.Wait()
	equal(t, "calls that passed", passed.Load(), 0)
}

// What the operator reads: which limit, how often, from where; once in a while, and no whole address above level debug.
func TestRefusalsAreLogged(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.allowed(at("203.0.113.77"), Bookings, addressQuotas[Bookings].Burst+50)
	f.clock.Advance(logEvery)
	f.allowed(at("2001:db8:77:88::1"), Bookings, addressQuotas[Bookings].Burst+1)
	f.clock.Advance(time.Second)
	f.allowed(at("2001:db8:77:88::1"), Bookings, 50)
	var warned []string
	for line := range strings.Lines(f.log.String()) {
		if strings.Contains(line, "level=WARN") {
			warned = append(warned, line)
		}
	}
	want := []string{
		`limit=bookings refused=1 last_network=203.0.113.0/24`, `limit=bookings refused=50 last_network=2001:db8:77::/48`,
	}
	if len(warned) != len(want) {
		t.Fatalf("the log warns with %q", warned)
	}
	for i, w := range want {
		if !strings.Contains(warned[i], w) {
			t.Errorf("the log warns with %q, not %q", warned[i], w)
		}
	}
}

func TestClientNames(t *testing.T) {
	t.Parallel()
	for c, want := range map[Client]string{
		at("203.0.113.7"):               "203.0.113.7",
		at("::ffff:203.0.113.7"):        "203.0.113.7",
		at("2001:db8:1:2:3:4:5:6"):      "2001:db8:1:2::/64",
		at("fe80::1%eth0"):              "fe80::/64",
		keyOf("admin"):                  "",
		{}:                              "",
		Address(netip.Addr{}):           "",
		at("2001:db8:1:2:ffff:ffff::0"): "2001:db8:1:2::/64",
	} {
		equal(t, "the name", c.String(), want)
	}
	if at("2001:db8:1:2:3:4:5:6") != at("2001:db8:1:2::") || at("2001:db8:1:2::") == at("2001:db8:1:3::") {
		t.Error("a client is not its /64")
	}
	if keyOf("a") == keyOf("b") || keyOf("a") == at("203.0.113.7") {
		t.Error("two clients are one")
	}
}

// Permits are acquired in parts and released in parts, and are never more than the client may have.
func TestPermits(t *testing.T) {
	t.Parallel()
	for _, c := range []Client{at("203.0.113.7"), at("2001:db8:1:2::1")} {
		f := newFixture()
		one, other := f.Permits(c, WatchedDays), f.Permits(c, WatchedDays)
		for _, n := range []int{500, 500, 1} {
			if err := one.Acquire(n); err != nil {
				t.Fatal(err)
			}
		}
		if other.Acquire(1000) == nil {
			t.Error("two shares have more than one client may")
		}
		if err := other.Acquire(999); err != nil {
			t.Error(err)
		}
		one.Release(500)
		if err := other.Acquire(500); err != nil {
			t.Errorf("what one gave back is not there for the other: %v", err)
		}
		if one.Acquire(1) == nil {
			t.Error("a refused try was not refused")
		}
		one.Release(501)
		other.Release(1499)
		equal(t, "entries in the end", f.table.len(), 0)
		if err := one.Acquire(2000); err != nil {
			t.Errorf("permits of which none was held for a while: %v", err)
		}
	}
}
