package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"vacancy/internal/bench/meter"
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

func (t *table) latency(name string, l meter.Latency) {
	if l.Count > 0 {
		t.line(name, "mean %.2f ms, p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms", l.Mean, l.P50, l.P90, l.P99, l.Max)
	}
}

func (t *table) errors(errors map[string]int64) {
	for _, code := range slices.Sorted(maps.Keys(errors)) {
		t.line("  error "+code, "%d", errors[code])
	}
}

func (t *table) usage(u meter.Usage, seconds float64) {
	t.line("server", "%.2f s of CPU (%.0f%% of one core), %.1f MB resident", u.ServerCPU, 100*u.ServerCPU/max(seconds, 1e-9),
		float64(u.ServerMemory)/1e6)
	if u.DatabaseCPU > 0 {
		t.line("database", "%.2f s of CPU", u.DatabaseCPU)
	}
	t.line("load", "%.2f s of CPU", u.LoadCPU)
}

// each breaks the CPU down to one of what was done.
func (t *table) each(what string, u meter.Usage, n int64) {
	us := func(seconds float64) float64 { return seconds * 1e6 / float64(max(n, 1)) }
	t.line("  for each "+what, "%.0f us of the server, %.0f us of the database, %.0f us of the load",
		us(u.ServerCPU), us(u.DatabaseCPU), us(u.LoadCPU))
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
	t.each("answer", r.Usage, r.Booked+r.Refused)
	t.audit(r.Audit)
	return t.String()
}

// String is the report as a person reads it.
func (r ChurnReport) String() string {
	t := newTable()
	t.line("booked", "%d in %.2f s; cancelled %d", r.Booked, r.Seconds, r.Cancelled)
	t.line("refused", "%d, of which %d with alternatives", r.Refused, r.Alternatives)
	t.errors(r.Errors)
	t.line("places", "%d; at most %d held and %d listed as taken at once, in %d listings", r.Capacity, r.MostHeld, r.MostListed, r.Listings)
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

// String is the report as a person reads it.
func (r LargeReport) String() string {
	t := newTable()
	t.line("stored", "%d bookings in %.1f s: %.0f/s; %d of them cancelled", r.Many.Bookings, r.FillSeconds,
		float64(r.Many.Bookings)/max(r.FillSeconds, 1e-9), r.Cancelled)
	for _, s := range [...]Stored{r.Few, r.Many} {
		t.line(fmt.Sprintf("with %d bookings", s.Bookings), "serving after %.0f ms, first answer after %.0f ms, %.1f MB resident",
			s.Ready, s.FirstAnswer, float64(s.ServerMemory)/1e6)
		t.latency("  first month of a venue", s.VenueFirst)
		t.latency("  first of another month", s.MonthFirst)
		t.latency("  month again", s.Month)
		t.latency("  list of 50", s.List)
		t.latency("  get one", s.Get)
	}
	t.line("p99 to p99", "month first %.2f, month again %.2f, list %.2f, get %.2f", over(r.Many.MonthFirst.P99, r.Few.MonthFirst.P99),
		over(r.Many.Month.P99, r.Few.Month.P99), over(r.Many.List.P99, r.Few.List.P99), over(r.Many.Get.P99, r.Few.Get.P99))
	t.audit(r.Audit)
	return t.String()
}

// over is a ratio, or 0 if there is nothing to compare with.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
