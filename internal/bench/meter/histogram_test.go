package meter

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Each duration lies in a bucket whose bounds are near it, and buckets do not overlap.
func TestBuckets(t *testing.T) {
	t.Parallel()
	previous := time.Duration(-1)
	for bucket := range buckets {
		upper := upperBound(bucket)
		if bucketOf(upper) != bucket || bucketOf(previous+1) != bucket {
			t.Fatalf("bucket %d holds %d to %d, but those are in %d and %d", bucket, previous+1, upper, bucketOf(previous+1), bucketOf(upper))
		}
		if width := upper - previous; width > max(1, upper/subBuckets) {
			t.Fatalf("bucket %d is %d wide at %d", bucket, width, upper)
		}
		previous = upper
	}
	if previous != maxTracked {
		t.Errorf("the buckets end at %d, not at %d", previous, int64(maxTracked))
	}
}

func TestQuantilesAgainstSorting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(-10, 1<<40), 1, 300).Draw(t, "values")
		var h Histogram
		for _, v := range values {
			h.Add(time.Duration(v))
		}
		slices.Sort(values)
		for _, q := range []float64{0, 0.5, 0.9, 0.99, 1} {
			exact := max(0, values[min(int(q*float64(len(values))), len(values)-1)])
			got := int64(h.Quantile(q))
			if got < exact || float64(got) > float64(exact)*(1+1.0/subBuckets)+1 {
				t.Fatalf("quantile %v of %d values is %d, want %d", q, len(values), got, exact)
			}
		}
	})
}

func TestHistogramExtremes(t *testing.T) {
	t.Parallel()
	var h Histogram
	if s := h.Summary(); s != (Latency{}) {
		t.Errorf("an empty histogram has the summary %+v", s)
	}
	h.Add(math.MaxInt64)
	h.Add(math.MinInt64)
	if s := h.Summary(); s.Count != 2 || s.P50 == 0 {
		t.Errorf("the summary is %+v", s)
	}
}

func TestHistogramIsShared(t *testing.T) {
	t.Parallel()
	var h Histogram
	var adding sync.WaitGroup
	for i := range 4 {
		adding.Go(func() {
			for j := range 1000 {
				h.Add(time.Duration(i*1000+j) * time.Microsecond)
			}
		})
	}
	adding.Wait()
	s := h.Summary()
	if s.Count != 4000 || s.Max != 3.999 || s.P50 < 1.9 || s.P50 > 2.1 || s.P99 < 3.9 || s.Mean < 1.99 || s.Mean > 2.01 {
		t.Errorf("%+v", s)
	}
}
