package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// BenchmarkUpdate books one slot in batches of several sizes, each booking with an answer for repeats, flushed at each commit:
//
//	go test -run '^$' -bench BenchmarkUpdate -benchtime 2s ./internal/store/postgres
func BenchmarkUpdate(b *testing.B) {
	for _, mode := range []LockingMode{Optimistic, Pessimistic} {
		for _, size := range []int{1, 16, 64, 256} {
			b.Run(fmt.Sprintf("mode=%s/batch=%d", mode, size), func(b *testing.B) { benchmarkBookings(b, mode, 1, size) })
		}
		b.Run(fmt.Sprintf("mode=%s/venues=100", mode), func(b *testing.B) { benchmarkBookings(b, mode, 100, 1) })
	}
}

// benchmarkBookings writes perVenue bookings in each of several venues in one transaction. It reports the time of the CPU that this
// process took, and the one server process that serves it.
func benchmarkBookings(b *testing.B, mode LockingMode, venues, perVenue int) {
	b.Helper()
	s := openAt(b, Config{URL: postgrestest.Shared(b).Schema(b), Locking: mode, Connections: 1})
	needs := benchVenues(b, s, venues)
	n := 0
	cpu, served := cpuTime(), serverTime(b, s)
	var times []time.Duration
	for b.Loop() {
		begun := time.Now()
		must(b, benchBook(b.Context(), s, needs, perVenue, &n))
		times = append(times, time.Since(begun))
	}
	b.ReportMetric(float64((serverTime(b, s)-served).Microseconds())/float64(n), "server-us/booking")
	slices.Sort(times)
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "bookings/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(n), "cpu-us/booking")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkNodes has nodes book one venue at the same time, sixteen bookings a transaction, so that they race for its row.
func BenchmarkNodes(b *testing.B) {
	for _, nodes := range []int{1, 2, 4} {
		for _, mode := range []LockingMode{Optimistic, Pessimistic, Adaptive} {
			b.Run(fmt.Sprintf("nodes=%d/mode=%s", nodes, mode), func(b *testing.B) { benchmarkNodes(b, mode, nodes) })
		}
	}
}

func benchmarkNodes(b *testing.B, mode LockingMode, nodes int) {
	b.Helper()
	const perVenue = 16
	address := postgrestest.Shared(b).Schema(b)
	m := &meter{}
	stores := make([]*Store, nodes)
	for i := range stores {
		stores[i] = openAt(b, Config{URL: address, Locking: mode, Meter: m})
	}
	benchVenues(b, stores[0], 1)
	m.take()
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wait sync.WaitGroup
	for i, s := range stores {
		wait.Go(func() {
			needs, n := needOf("venue-000"), i<<32
			for left.Add(-1) >= 0 {
				if err := benchBook(b.Context(), s, needs, perVenue, &n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
	_, lost := m.take()
	b.ReportMetric(float64(b.N*perVenue)/b.Elapsed().Seconds(), "bookings/s")
	b.ReportMetric(float64(lost)/float64(b.N), "lost/op")
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// serverTime is the time of the CPU that the server process of a store's connection has taken.
func serverTime(b *testing.B, s *Store) (d time.Duration) {
	b.Helper()
	must(b, s.useReserved(b.Context(), func(c *session) error {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", c.conn.PgConn().PID()))
		if err != nil {
			return err
		}
		_, err = fmt.Sscan(string(data), &d)
		return err
	}))
	return d
}

func benchVenues(b *testing.B, s *Store, n int) []store.Need {
	b.Helper()
	needs := make([]store.Need, n)
	for i := range needs {
		needs[i].Venue = booking.VenueID(fmt.Sprintf("venue-%03d", i))
		must(b, change(b, s, needs[i].Venue, func(d *storetest.Draft) { d.PutCatalogue() }))
	}
	return needs
}

// benchBook makes bookings that are told apart by n. The caller's picture is up to date, and each booking's key is asked for.
func benchBook(ctx context.Context, s *Store, needs []store.Need, perVenue int, n *int) error {
	for i := range needs {
		needs[i].Answers = needs[i].Answers[:0]
		for range perVenue {
			needs[i].Answers = append(needs[i].Answers, sha256.Sum256(fmt.Append(nil, *n)))
			*n++
		}
	}
	return s.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes := make([]store.Write, len(needs))
		for i, f := range found {
			needs[i].Known = f.Revision + 1
			d := storetest.NewDraft(needs[i].Venue, f)
			for _, key := range needs[i].Answers {
				b := storetest.SampleBooking(needs[i].Venue, 0, storetest.Slot, storetest.Chair1)
				b.ID = booking.NewBookingID(f.Now)
				d.Book(b)
				d.Answers = append(d.Answers, booking.Answer{Key: key, Sealed: make([]byte, 600), CreatedAt: f.Now})
			}
			writes[i] = d.Decided()
		}
		return writes, nil
	})
}
