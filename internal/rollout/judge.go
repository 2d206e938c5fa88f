package rollout

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Limits say how green may be. They are for each step.
type Limits struct {
	// ErrorRate is the largest share of answers of a kind that are 5xx, as 0.01; a single error is no reason yet.
	ErrorRate float64
	// Latency is for the slowest hundredth of reads and of writes, UpdateLatency for that of changes on their way to readers. What is slower
	// is a fault if it is also twice as slow as blue.
	Latency, UpdateLatency time.Duration
	// MinWrites is how many writes green must have answered before a step can end well.
	MinWrites int
}

// errorFaults says which kinds of answers of green are errors too often.
func (l Limits) errorFaults(green Figures) (faults []string) {
	for _, kind := range slices.Sorted(maps.Keys(green.Errors)) {
		failed, all := green.Errors[kind], green.Answers[kind]
		if failed > toleratedErrors && failed > l.ErrorRate*all {
			faults = append(faults, fmt.Sprintf("%.0f of %.0f answers to %s are errors (limit %.2g %%)", failed, all, kind, 100*l.ErrorRate))
		}
	}
	return faults
}

// latencyFaults says what green does too slowly, compared with blue at the same time.
func (l Limits) latencyFaults(green, blue Figures) (faults []string) {
	for _, c := range []struct {
		what        string
		green, blue Histogram
		limit       time.Duration
	}{
		{"writes", green.Writes, blue.Writes, l.Latency},
		{"reads", green.Reads, blue.Reads, l.Latency},
		{"updates", green.Updates, blue.Updates, l.UpdateLatency},
	} {
		if c.green.total() < fewSamples || c.green.p99() <= c.limit.Seconds() {
			continue
		}
		if c.blue.total() >= fewSamples && c.green.p99() <= slowerThanBlue*c.blue.p99() {
			continue // the database or the machine is slow, for both
		}
		faults = append(faults, fmt.Sprintf("p99 of %s is %s (limit %s)", c.what, seconds(c.green.p99()), c.limit))
	}
	return faults
}

// enough tells whether green has answered what a step is judged by.
func (l Limits) enough(green Figures) bool { return green.writes() >= float64(l.MinWrites) }

// describe is a reading in a line.
func describe(f Figures) string {
	return fmt.Sprintf("%.0f answers, %.0f of them writes, %.0f errors; p99 of writes %s, reads %s, updates %s; %.0f readers",
		f.answers(), f.writes(), f.failed(), seconds(f.Writes.p99()), seconds(f.Reads.p99()), seconds(f.Updates.p99()), f.Readers)
}

// seconds is a bound of a histogram.
func seconds(s float64) string {
	switch {
	case s == 0:
		return "-"
	case s > 1e6:
		return "beyond the last bound"
	}
	return "<= " + time.Duration(s*float64(time.Second)).String()
}
