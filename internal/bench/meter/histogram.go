package meter

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Histogram counts durations in buckets whose width is at most 1/64 of their value, as HDR histograms do. It may be used by
// several goroutines. The zero value is empty.
type Histogram struct {
	counts [buckets]atomic.Uint64
	n      atomic.Uint64
	sum    atomic.Int64
	max    atomic.Int64
}

const (
	// subBuckets is how many buckets there are between a power of two and the next.
	subBuckets = 64
	// longest is the longest duration that has a bucket of its own, about nine hours; what is longer shares the last one.
	maxTracked = 1<<45 - 1
	buckets    = (45-7)*subBuckets + 2*subBuckets
)

// Add counts a duration. Clocks that step back make negative ones, which count as none.
func (h *Histogram) Add(d time.Duration) {
	h.counts[bucketOf(d)].Add(1)
	h.n.Add(1)
	h.sum.Add(int64(d))
	for {
		most := h.max.Load()
		if int64(d) <= most || h.max.CompareAndSwap(most, int64(d)) {
			return
		}
	}
}

// bucketOf is exact below 128 ns; above, it keeps the seven highest bits.
func bucketOf(d time.Duration) int {
	v := uint64(min(max(d, 0), maxTracked))
	if v < 2*subBuckets {
		return int(v)
	}
	exponent := bits.Len64(v) - 7
	return exponent*subBuckets + int(v>>exponent)
}

// upperBound is the longest duration that counts in a bucket.
func upperBound(bucket int) time.Duration {
	if bucket < 2*subBuckets {
		return time.Duration(bucket)
	}
	exponent := bucket/subBuckets - 1
	return time.Duration((bucket-exponent*subBuckets+1)<<exponent) - 1
}

// Count is how many durations were added.
func (h *Histogram) Count() uint64 { return h.n.Load() }

// Quantile is the duration that the given part of all, 0 to 1, does not exceed; at most a 64th too long. It is 0 if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.n.Load()))
	var seen uint64
	for i := range h.counts {
		if seen += h.counts[i].Load(); seen > rank || seen > 0 && seen == h.n.Load() {
			return min(upperBound(i), time.Duration(h.max.Load()))
		}
	}
	return 0
}

// Latency summarises a histogram, in milliseconds.
type Latency struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
}

// Summary is the histogram in a few numbers.
func (h *Histogram) Summary() Latency {
	l := Latency{
		Count: h.n.Load(), P50: Milliseconds(h.Quantile(0.5)), P90: Milliseconds(h.Quantile(0.9)), P99: Milliseconds(h.Quantile(0.99)),
		P999: Milliseconds(h.Quantile(0.999)), Max: Milliseconds(time.Duration(h.max.Load())),
	}
	if l.Count > 0 {
		l.Mean = Milliseconds(time.Duration(h.sum.Load() / int64(l.Count)))
	}
	return l
}

// Milliseconds is a duration in milliseconds, to the microsecond.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}
