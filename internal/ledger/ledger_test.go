package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/ledger"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func claim(start, end string, units int) booking.Claim {
	return booking.Claim{Start: at(start), End: at(end), Units: units}
}

// of is the ledger of the claims.
func of(tb testing.TB, claims ...booking.Claim) ledger.Ledger {
	tb.Helper()
	edit := ledger.Ledger{}.Edit()
	for _, c := range claims {
		if err := edit.Add(c); err != nil {
			tb.Fatal(err)
		}
	}
	return edit.Ledger()
}

func TestTaken(t *testing.T) {
	t.Parallel()
	l := of(t,
		claim("2026-11-24 09:00", "2026-11-24 10:00", 2),
		claim("2026-11-24 09:30", "2026-11-24 10:30", 1),
		claim("2026-11-24 23:00", "2026-11-27 01:00", 4),
	)
	for _, tt := range []struct {
		start, end string
		want       int
	}{
		{"2026-11-24 08:00", "2026-11-24 09:00", 0}, // ends where the first begins
		{"2026-11-24 08:00", "2026-11-24 09:01", 2},
		{"2026-11-24 09:00", "2026-11-24 09:30", 2},
		{"2026-11-24 09:29", "2026-11-24 09:31", 3},
		{"2026-11-24 10:00", "2026-11-24 10:30", 1}, // begins where the first ends
		{"2026-11-24 10:30", "2026-11-24 23:00", 0},
		{"2026-11-24 00:00", "2026-11-25 00:00", 4},
		{"2026-11-25 12:00", "2026-11-25 12:01", 4}, // a day that the claim takes from midnight to midnight
		{"2026-11-27 00:59", "2026-11-30 00:00", 4},
		{"2026-11-27 01:00", "2026-11-30 00:00", 0},
		{"2020-01-01 00:00", "2030-01-01 00:00", 4},
		{"2026-11-24 09:30", "2026-11-24 09:30", 0}, // an empty span
		{"2026-11-24 09:45", "2026-11-24 09:30", 0},
	} {
		if got := l.Taken(at(tt.start), at(tt.end)); got != tt.want {
			t.Errorf("taken %s to %s: %d, want %d", tt.start, tt.end, got, tt.want)
		}
	}
}

// Instants between two seconds belong to the second that they are in.
func TestTakenBetweenSeconds(t *testing.T) {
	t.Parallel()
	nine := at("2026-11-24 09:00")
	l := of(t, claim("2026-11-24 09:00", "2026-11-24 10:00", 1))
	if l.Taken(nine.Add(-time.Second), nine.Add(time.Nanosecond)) != 1 || l.Taken(nine.Add(-time.Second), nine) != 0 {
		t.Error("a claim begins with its first instant")
	}
	ten := nine.Add(time.Hour)
	if l.Taken(ten.Add(-time.Nanosecond), ten) != 1 || l.Taken(ten, ten.Add(time.Nanosecond)) != 0 {
		t.Error("a claim ends before its last instant")
	}
}

func TestTheZeroLedgerIsEmpty(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	if got := l.Taken(time.Time{}, at("2100-01-01 00:00")); got != 0 {
		t.Errorf("taken %d", got)
	}
	if l = l.Forget(at("2026-01-01 00:00")); l.Days() != 0 {
		t.Errorf("%d days", l.Days())
	}
}

func TestClaimsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	good := claim("2026-11-24 09:00", "2026-11-24 10:00", 1)
	for name, spoil := range map[string]func(*booking.Claim){
		"no units":            func(c *booking.Claim) { c.Units = 0 },
		"negative units":      func(c *booking.Claim) { c.Units = -1 },
		"empty":               func(c *booking.Claim) { c.End = c.Start },
		"backwards":           func(c *booking.Claim) { c.Start, c.End = c.End, c.Start },
		"a fraction at first": func(c *booking.Claim) { c.Start = c.Start.Add(time.Millisecond) },
		"a fraction at last":  func(c *booking.Claim) { c.End = c.End.Add(time.Millisecond) },
	} {
		bad := good
		spoil(&bad)
		edit := of(t, good).Edit()
		if err := edit.Add(bad); !errors.Is(err, ledger.ErrClaim) {
			t.Errorf("%s: add: %v", name, err)
		}
		if err := edit.Remove(bad); !errors.Is(err, ledger.ErrClaim) {
			t.Errorf("%s: remove: %v", name, err)
		}
		if got := edit.Taken(at("2026-01-01 00:00"), at("2027-01-01 00:00")); got != 1 {
			t.Errorf("%s: taken %d afterwards", name, got)
		}
	}
}

// A claim that was never added cannot be removed as far as the levels can tell, and the attempt alters nothing: not even the days on
// which there would have been enough.
func TestRemoveOfWhatWasNeverAdded(t *testing.T) {
	t.Parallel()
	l := of(t,
		claim("2026-11-24 22:00", "2026-11-25 02:00", 2),
		claim("2026-11-27 09:00", "2026-11-27 10:00", 2),
	)
	for name, c := range map[string]booking.Claim{
		"more units":              claim("2026-11-24 22:00", "2026-11-25 02:00", 3),
		"begins earlier":          claim("2026-11-24 21:59", "2026-11-25 02:00", 1),
		"ends later":              claim("2026-11-24 22:00", "2026-11-25 02:01", 1),
		"another time":            claim("2026-11-24 12:00", "2026-11-24 13:00", 1),
		"another day":             claim("2026-12-24 22:00", "2026-12-24 23:00", 1),
		"over a day that is free": claim("2026-11-25 01:00", "2026-11-27 09:30", 1),
	} {
		edit := l.Edit()
		if err := edit.Remove(c); !errors.Is(err, ledger.ErrNotTaken) {
			t.Errorf("%s: %v", name, err)
		}
		if got := edit.Taken(at("2026-11-24 22:00"), at("2026-11-25 02:00")); got != 2 {
			t.Errorf("%s: taken %d afterwards", name, got)
		}
		if err := edit.Ledger().Problem(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDaysThatBecomeEmptyVanish(t *testing.T) {
	t.Parallel()
	long := claim("2026-11-24 22:00", "2026-12-04 02:00", 3)
	l := of(t, long)
	if l.Days() != 11 {
		t.Errorf("%d days, want 11", l.Days())
	}
	edit := l.Edit()
	if err := edit.Remove(long); err != nil {
		t.Fatal(err)
	}
	if got := edit.Ledger().Days(); got != 0 {
		t.Errorf("%d days are left", got)
	}
}

// What was frozen stays as it is, whatever becomes of the ledger before it, of other edits, and of its own edit.
func TestAFrozenLedgerStays(t *testing.T) {
	t.Parallel()
	morning, evening := claim("2026-11-24 09:00", "2026-11-24 10:00", 1), claim("2026-11-24 19:00", "2026-11-24 20:00", 1)
	tomorrow := claim("2026-11-25 09:00", "2026-11-25 10:00", 1)
	all := func(l interface{ Taken(_, _ time.Time) int }) (taken [3]int) {
		for i, c := range []booking.Claim{morning, evening, tomorrow} {
			taken[i] = l.Taken(c.Start, c.End)
		}
		return taken
	}

	first := of(t, morning)
	edit, other := first.Edit(), first.Edit()
	if err := errors.Join(edit.Add(evening), other.Add(tomorrow)); err != nil {
		t.Fatal(err)
	}
	second := edit.Ledger()
	if err := errors.Join(edit.Remove(morning), edit.Add(tomorrow), edit.Add(evening)); err != nil {
		t.Fatal(err)
	}
	third := edit.Ledger()
	for name, tt := range map[string]struct{ got, want [3]int }{
		"the one before": {all(first), [3]int{1, 0, 0}},
		"another edit":   {all(other), [3]int{1, 0, 1}},
		"frozen":         {all(second), [3]int{1, 1, 0}},
		"frozen later":   {all(third), [3]int{0, 2, 1}},
		"the edit":       {all(edit), [3]int{0, 2, 1}},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	night := claim("2026-11-24 22:00", "2026-11-25 02:00", 2)
	before := of(t, claim("2026-11-20 09:00", "2026-11-20 10:00", 1), night)
	l := before.Forget(at("2026-11-25 18:00"))
	if l.Days() != 1 || before.Days() != 3 {
		t.Fatalf("%d days of %d are kept, want 1 of 3", l.Days(), before.Days())
	}
	if l.Taken(at("2026-11-01 00:00"), at("2026-11-25 00:00")) != 0 || l.Taken(at("2026-11-25 00:00"), at("2026-11-25 02:00")) != 2 {
		t.Error("whole days before are dropped, and no more")
	}
	if l.Forget(at("2026-11-01 00:00")).Taken(night.Start, night.End) != 2 {
		t.Error("what is forgotten already cannot be remembered")
	}

	edit := l.Edit()
	if err := edit.Remove(night); err != nil {
		t.Errorf("the rest of a claim that began on a forgotten day: %v", err)
	}
	past := claim("2026-11-20 09:00", "2026-11-20 10:00", 1)
	if err := errors.Join(edit.Add(past), edit.Remove(past), edit.Remove(past)); err != nil {
		t.Errorf("a claim on a forgotten day: %v", err)
	}
	if got := edit.Ledger().Days(); got != 0 {
		t.Errorf("%d days are left", got)
	}
}

// One ledger, many goroutines, no lock: the race detector watches.
func TestOneLedgerManyGoroutines(t *testing.T) {
	t.Parallel()
	var claims []booking.Claim
	for hour := range 24 * 5 {
		start := at("2026-11-24 00:00").Add(time.Duration(hour) * time.Hour)
		claims = append(claims, booking.Claim{Start: start, End: start.Add(time.Hour), Units: 1 + hour%3})
	}
	shared := of(t, claims...)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			edit := shared.Edit()
			for i, c := range claims {
				if i%8 == g {
					if err := edit.Remove(c); err != nil {
						t.Error(err)
					}
				}
			}
			frozen := edit.Ledger()
			for i, c := range claims {
				want := c.Units
				if shared.Taken(c.Start, c.End) != want {
					t.Errorf("claim %d: the shared ledger changed", i)
				}
				if i%8 == g {
					want = 0
				}
				if frozen.Taken(c.Start, c.End) != want {
					t.Errorf("claim %d: taken %d, want %d", i, frozen.Taken(c.Start, c.End), want)
				}
			}
		})
	}
	wg.Wait()
}

func Example() {
	var l ledger.Ledger
	edit := l.Edit()
	_ = edit.Add(claim("2026-11-24 09:00", "2026-11-24 10:00", 3))
	_ = edit.Add(claim("2026-11-24 09:30", "2026-11-24 10:30", 2))
	l = edit.Ledger()
	fmt.Println(l.Taken(at("2026-11-24 09:00"), at("2026-11-24 09:30")))
	fmt.Println(l.Taken(at("2026-11-24 09:00"), at("2026-11-24 10:30")))
	// Output:
	// 3
	// 5
}

// busyDays is how many days busy has.
const busyDays = 400

// busy is a resource with bookings all day, every day.
func busy(tb testing.TB) ledger.Ledger {
	tb.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	edit := ledger.Ledger{}.Edit()
	for day := range busyDays {
		for quarter := range 4 * 12 {
			start := at("2026-01-01 08:00").AddDate(0, 0, day).Add(time.Duration(quarter) * 15 * time.Minute)
			c := booking.Claim{Start: start, End: start.Add(time.Hour), Units: 1 + random.IntN(3)}
			if err := edit.Add(c); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return edit.Ledger()
}

func BenchmarkTakenHour(b *testing.B) {
	l, start := busy(b), at("2026-06-01 12:00")
	for b.Loop() {
		l.Taken(start, start.Add(time.Hour))
	}
}

func BenchmarkEdit(b *testing.B) {
	l := busy(b)
	for b.Loop() {
		l.Edit()
	}
}

// A booking by itself: edit, add, freeze.
func BenchmarkEditAddFreeze(b *testing.B) {
	l, start := busy(b), at("2026-06-01 12:00")
	c := booking.Claim{Start: start, End: start.Add(time.Hour), Units: 1}
	for b.Loop() {
		edit := l.Edit()
		_ = edit.Add(c)
		edit.Ledger()
	}
}

// One of many bookings in a batch.
func BenchmarkAddRemoveHour(b *testing.B) {
	edit, start := busy(b).Edit(), at("2026-06-01 12:00")
	c := booking.Claim{Start: start, End: start.Add(time.Hour), Units: 1}
	for b.Loop() {
		_ = edit.Add(c)
		_ = edit.Remove(c)
	}
}

// How long it takes to build the ledger of a resource from its stored bookings.
func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		busy(b)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(busyDays*48), "ns/claim")
}
