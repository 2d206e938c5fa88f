package sqlite

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// BenchmarkUpdate books one slot in batches of several sizes, each booking with an answer for repeats, flushed at each commit. How much
// an answer costs is told by a batch without, and what it costs to have many venues by one that takes a booking of each:
//
//	go test -run '^$' -bench BenchmarkUpdate -benchtime 2s ./internal/store/sqlite
func BenchmarkUpdate(b *testing.B) {
	for _, size := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) { benchmarkBookings(b, 1, size, true) })
	}
	b.Run("batch=64,answers=0", func(b *testing.B) { benchmarkBookings(b, 1, 64, false) })
	b.Run("venues=64", func(b *testing.B) { benchmarkBookings(b, 64, 1, true) })
}

// benchmarkBookings writes perVenue bookings in each of several venues in one transaction. There are some before.
func benchmarkBookings(b *testing.B, venues, perVenue int, answers bool) {
	b.Helper()
	s := benchStore(b)
	needs := benchVenues(b, s, venues)
	n, before := 0, 50_000
	for n < before {
		must(b, benchBook(b.Context(), s, needs, max(1, 1000/venues), true, &n))
	}
	before = n
	cpu := cpuTime()
	var times []time.Duration
	for b.Loop() {
		begun := time.Now()
		must(b, benchBook(b.Context(), s, needs, perVenue, answers, &n))
		times = append(times, time.Since(begun))
	}
	slices.Sort(times)
	b.ReportMetric(float64(n-before)/b.Elapsed().Seconds(), "bookings/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(n-before), "cpu-us/booking")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func benchStore(b *testing.B) *Store {
	b.Helper()
	return openAt(b, Config{Path: filepath.Join(b.TempDir(), "bench.db")})
}

func benchVenues(b *testing.B, s *Store, n int) []store.Need {
	b.Helper()
	needs := make([]store.Need, n)
	for i := range needs {
		needs[i].Venue = booking.VenueID(fmt.Sprintf("venue-%03d", i))
		must(b, storetest.TryChange(b.Context(), s, needs[i], func(d *storetest.Draft) error {
			d.PutCatalogue()
			return nil
		}))
	}
	return needs
}

// benchBook makes bookings that are told apart by n. The caller's picture is up to date, and each booking's key, if they have keys, is
// asked for.
func benchBook(ctx context.Context, s *Store, needs []store.Need, perVenue int, answers bool, n *int) error {
	for i := range needs {
		needs[i].Answers = needs[i].Answers[:0]
		for range perVenue {
			if answers {
				needs[i].Answers = append(needs[i].Answers, sha256.Sum256(fmt.Append(nil, *n)))
			}
			*n++
		}
	}
	return s.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes := make([]store.Write, len(needs))
		for i, f := range found {
			needs[i].Known = f.Revision + 1
			d := storetest.NewDraft(needs[i].Venue, f)
			for range perVenue {
				b := storetest.SampleBooking(needs[i].Venue, 0, storetest.Slot, storetest.Chair1)
				b.ID = booking.NewBookingID(f.Now)
				d.Book(b)
			}
			for _, key := range needs[i].Answers {
				d.Answers = append(d.Answers, booking.Answer{Key: key, Sealed: make([]byte, 600), CreatedAt: f.Now})
			}
			writes[i] = d.Decided()
		}
		return writes, nil
	})
}

// BenchmarkLoad loads a venue with 100,000 active claims.
func BenchmarkLoad(b *testing.B) {
	s := benchStore(b)
	needs := benchVenues(b, s, 1)
	for n := 0; n < 100_000; {
		must(b, benchBook(b.Context(), s, needs, 1000, true, &n))
	}
	b.Run("venue", func(b *testing.B) {
		for b.Loop() {
			loaded, err := s.Load(b.Context(), needs[0].Venue, time.Time{})
			must(b, err)
			if len(loaded.Claims) < 100_000 {
				b.Fatalf("loaded %d claims", len(loaded.Claims))
			}
		}
	})
	b.Run("uses", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Uses(b.Context(), needs[0].Venue, store.Use{Resource: storetest.Chair1}, 21)
			must(b, err)
		}
	})
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Bookings(b.Context(), needs[0].Venue, store.Filter{From: storetest.Slot, Limit: 50})
			must(b, err)
		}
	})
	b.Run("booking", func(b *testing.B) {
		page, err := s.Bookings(b.Context(), needs[0].Venue, store.Filter{Limit: 1})
		must(b, err)
		for b.Loop() {
			_, err := s.Booking(b.Context(), needs[0].Venue, page[0].ID)
			must(b, err)
		}
	})
	b.Run("revisions", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Revisions(b.Context(), []booking.VenueID{needs[0].Venue})
			must(b, err)
		}
	})
}
