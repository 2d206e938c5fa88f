package rollout

import (
	"math"
	"strings"
	"testing"
	"time"
)

var testLimits = Limits{ErrorRate: 0.01, Latency: 500 * time.Millisecond, UpdateLatency: time.Second, MinWrites: 20}

const bookings = "POST /v1/venues/{venue}/bookings"

// histogram has n values, and slow of them beyond half a second.
func histogram(n, slow float64) Histogram {
	return Histogram{0.05: n - slow, 0.5: n - slow, 2.5: n, math.Inf(1): n}
}

func TestErrorFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind           string
		answers, fails float64
		fault          bool
	}{
		"none":                         {bookings, 20, 0, false},
		"one says nothing":             {bookings, 20, 1, false},
		"every tenth":                  {bookings, 20, 2, true},
		"just at the limit":            {bookings, 1000, 10, false},
		"just beyond it":               {bookings, 1000, 11, true},
		"reads":                        {"GET /v1/venues/{venue}", 1000, 11, true},
		"pages":                        {"/", 100, 50, true},
		"the probe books as customers": {probeKind, 10, 2, true},
	} {
		// Whatever else is answered well does not hide it.
		green := Figures{
			Answers: map[string]float64{c.kind: c.answers, "GET /v1/venues": 1e9}, Errors: map[string]float64{c.kind: c.fails},
		}
		faults := testLimits.errorFaults(green)
		if (len(faults) > 0) != c.fault || c.fault && !strings.Contains(faults[0], c.kind) {
			t.Errorf("%s: %q", name, faults)
		}
	}
}

func TestLatencyFaults(t *testing.T) {
	t.Parallel()
	fast, slow, few := histogram(1000, 5), histogram(1000, 50), histogram(50, 50)
	for name, c := range map[string]struct {
		green, blue Histogram
		fault       bool
	}{
		"both fast":                        {fast, fast, false},
		"green alone is slow":              {slow, fast, true},
		"both are slow":                    {slow, slow, false},
		"slow, and blue answers no longer": {slow, few, true},
		"too few to tell":                  {few, fast, false},
	} {
		for what, with := range map[string]func(Histogram) Figures{
			"writes":  func(h Histogram) Figures { return Figures{Writes: h} },
			"reads":   func(h Histogram) Figures { return Figures{Reads: h} },
			"updates": func(h Histogram) Figures { return Figures{Updates: h} },
		} {
			faults := testLimits.latencyFaults(with(c.green), with(c.blue))
			if (len(faults) > 0) != c.fault || c.fault && !strings.Contains(faults[0], what) {
				t.Errorf("%s, %s: %q", name, what, faults)
			}
		}
	}
}

// A value beyond the last bound is slower than anything.
func TestSlowerThanTheLastBound(t *testing.T) {
	t.Parallel()
	beyond := Histogram{0.05: 0, 10: 0, math.Inf(1): 500}
	if faults := testLimits.latencyFaults(Figures{Writes: beyond}, Figures{}); len(faults) != 1 {
		t.Errorf("%q", faults)
	}
}
