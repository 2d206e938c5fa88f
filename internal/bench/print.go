package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// table lays out the lines of a report.
type table struct {
	text strings.Builder
	w    *tabwriter.Writer
}

func newTable() *table {
	t := new(table)
	t.w = tabwriter.NewWriter(&t.text, 0, 0, 2, ' ', 0)
	return t
}

func (t *table) line(name, format string, args ...any) {
	fmt.Fprintf(t.w, "%s\t%s\n", name, fmt.Sprintf(format, args...))
}

func (t *table) String() string {
	_ = t.w.Flush() // writes to memory
	return t.text.String()
}

func (t *table) latency(name string, l Latency) {
	if l.Count > 0 {
		t.line(name, "p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms", l.P50, l.P90, l.P99, l.Max)
	}
}

func (t *table) errors(errors map[string]int64) {
	for _, code := range slices.Sorted(maps.Keys(errors)) {
		t.line("  error "+code, "%d", errors[code])
	}
}

func (t *table) usage(u Usage, seconds float64) {
	t.line("server", "%.2f s of CPU (%.0f%% of one core), %.1f MB resident", u.ServerCPU, 100*u.ServerCPU/max(seconds, 1e-9),
		float64(u.ServerMemory)/1e6)
	t.line("load", "%.2f s of CPU", u.LoadCPU)
}

func (t *table) audit(a Audit) {
	t.line("audit", "%d bookings listed, %d places oversold, %d bookings lost, %d slots shown wrong", a.Bookings, a.Oversold, a.Lost, a.Wrong)
}

// String is the report as a person reads it.
func (r BookReport) String() string {
	t := newTable()
	t.line("booked", "%d in %.2f s: %.0f/s", r.Booked, r.Seconds, r.BookedPerSecond)
	t.latency("  latency", r.Latency)
	if r.Refused > 0 {
		t.line("refused", "%d, of which %d with alternatives", r.Refused, r.Alternatives)
		t.latency("  latency", r.RefusalLatency)
	}
	t.errors(r.Errors)
	t.usage(r.Usage, r.Seconds)
	t.audit(r.Audit)
	return t.String()
}

// String is the report as a person reads it.
func (r ChurnReport) String() string {
	t := newTable()
	t.line("booked", "%d in %.2f s; cancelled %d", r.Booked, r.Seconds, r.Cancelled)
	t.line("refused", "%d, of which %d with alternatives", r.Refused, r.Alternatives)
	t.errors(r.Errors)
	t.line("places", "%d; at most %d held and %d listed as taken at once, in %d looks", r.Capacity, r.MostHeld, r.MostListed, r.Looks)
	t.usage(r.Usage, r.Seconds)
	t.audit(r.Audit)
	return t.String()
}

// String is the report as a person reads it.
func (r LiveReport) String() string {
	t := newTable()
	t.line("readers", "%d, of which %d missed something and %d lost their connection", r.Readers, r.Missed, r.Cut)
	t.line("changes", "%d in %.2f s", r.Changes, r.Seconds)
	t.errors(r.Errors)
	t.line("frames", "%d: %.0f/s", r.Frames, r.FramesPerSecond)
	t.latency("  update latency", r.UpdateLatency)
	t.latency("  booking latency", r.BookingLatency)
	t.line("settled", "%.0f ms after the last change", r.Settled)
	t.usage(r.Usage, r.Seconds)
	t.line("  for each frame", "%.1f us of CPU", r.CPUPerFrame)
	t.line("  for each reader", "%.1f KB", float64(r.MemoryPerReader)/1e3)
	t.audit(r.Audit)
	return t.String()
}
