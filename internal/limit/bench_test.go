package limit

import (
	"log/slog"
	"strconv"
	"testing"
	"time"
)

// What a request pays for being counted.
func BenchmarkAllow(b *testing.B) {
	newLimiter := func(off bool) *Limiter {
		return New(Config{
			Off: off, Trusted: Loopback(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Meter: &tally{times: make(map[string]int)}, Alerts: NoAlerts{},
		})
	}
	ipv4, ipv6 := newLimiter(false), newLimiter(false)
	b.Run("IPv4", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := ipv4.Identify("127.0.0.1:5120", []string{"203.0.113.7"})
			_ = ipv4.Allow(c, Requests)
			ipv4.Refund(c, Requests)
		}
	})
	b.Run("IPv6", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := ipv6.Identify("[2001:db8:1:2::9]:5120", nil)
			_ = ipv6.Allow(c, Requests)
		}
	})
	b.Run("off", func(b *testing.B) {
		b.ReportAllocs()
		limiter := newLimiter(true)
		for b.Loop() {
			_ = limiter.Allow(limiter.Identify("203.0.113.7:5120", nil), Requests)
		}
	})
	b.Run("many clients at once", func(b *testing.B) {
		b.ReportAllocs()
		peers := make([]string, 10_000)
		for i := range peers {
			peers[i] = nth(i).String() + ":" + strconv.Itoa(i)
		}
		limiter := newLimiter(false)
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				_ = limiter.Allow(limiter.Identify(peers[i%len(peers)], nil), Requests)
			}
		})
	})
}
