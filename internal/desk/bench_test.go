package desk_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/view"
)

// BenchmarkHotSlot books one slot from 64 callers at once, each booking durable and with an idempotency key: with places counted, of
// clients and contacts that are all others, also where each client is in three networks, and without.
func BenchmarkHotSlot(b *testing.B) {
	for name, address := range map[string]func(n int64) string{
		"uncounted":     nil,
		"counted":       func(n int64) string { return strconv.FormatInt(n, 10) },
		"counted, IPv6": func(n int64) string { return fmt.Sprintf("2001:db8:%x:%x::/64", n/64, n%64) }, // 64 in each /48
	} {
		b.Run(name, func(b *testing.B) { hotSlot(b, address) })
	}
}

func hotSlot(b *testing.B, address func(n int64) string) {
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "v.db")})
	if err != nil {
		b.Fatal(err)
	}
	v := view.New(view.Config{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler), MaxVenues: 100})
	d := desk.New(desk.Config{
		Store: s, View: v, Log: slog.New(slog.DiscardHandler), Meter: noMeter{},
		Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000,
		LimitPlaces: address != nil, ClientSecret: "secret",
	})
	d.Start()
	b.Cleanup(func() {
		d.Close()
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	ctx := b.Context()
	for _, put := range []func() error{
		func() error {
			_, err := d.PutVenue(ctx, staff, booking.Venue{ID: "barber", Name: "B", TimeZone: "UTC"}, desk.Condition{})
			return err
		},
		func() error {
			_, err := d.PutResource(ctx, staff, resource("a", booking.MaxCapacity), desk.Condition{})
			return err
		},
		func() error { _, err := d.PutService(ctx, staff, service("a"), desk.Condition{}); return err },
	} {
		if err := put(); err != nil {
			b.Fatal(err)
		}
	}
	start := time.Now().UTC().AddDate(0, 0, 2).Truncate(24 * time.Hour).Add(10 * time.Hour)
	var keys atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := request(start)
			number := keys.Add(1)
			key, a := strconv.FormatInt(number, 10), booking.Actor{Kind: booking.Public}
			if address != nil {
				a.Client = address(number)
			}
			r.Idempotency = desk.Idempotency{Key: key, Route: "book"}
			r.Customer.Email = key + "@example.com"
			if _, err := d.Book(ctx, a, r); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "bookings/s")
}
