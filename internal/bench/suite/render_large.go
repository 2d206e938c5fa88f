package suite

import (
	"fmt"
	"strings"

	"vacancy/internal/bench"
	"vacancy/internal/bench/meter"
)

// largeRows are the figures of a large database.
var largeRows = []struct {
	name    string
	latency func(bench.Stored) meter.Latency // or
	value   func(bench.Stored) float64
}{
	{name: "start to serving, ms", value: func(s bench.Stored) float64 { return s.Ready }},
	{name: "start to the first month answered, ms", value: func(s bench.Stored) float64 { return s.FirstAnswer }},
	{name: "first month of a venue, p50 / p99 ms", latency: func(s bench.Stored) meter.Latency { return s.VenueFirst }},
	{name: "first time of another month, p50 / p99 ms", latency: func(s bench.Stored) meter.Latency { return s.MonthFirst }},
	{name: "a month again, p50 / p99 ms", latency: func(s bench.Stored) meter.Latency { return s.Month }},
	{name: "list of 50 bookings, p50 / p99 ms", latency: func(s bench.Stored) meter.Latency { return s.List }},
	{name: "get one booking, p50 / p99 ms", latency: func(s bench.Stored) meter.Latency { return s.Get }},
	{name: "server's memory, MB", value: func(s bench.Stored) float64 { return float64(s.ServerMemory) / 1e6 }},
}

func (r *Results) renderLarge(p part) (string, error) {
	few, many := grouped(float64(r.options.Few)), grouped(float64(r.options.Many))
	var t table
	head := append(make([]string, 0, 1+3*len(p.trials)), "bookings stored")
	for _, trial := range p.trials {
		head = append(head, trial.name+": "+few, many, "ratio (of p99)")
	}
	t.add(head...)
	for _, row := range largeRows {
		t.add(row.name)
	}
	var text strings.Builder
	for _, trial := range p.trials {
		reports, err := reported[bench.LargeReport](r, p, trial)
		if err != nil {
			return "", err
		}
		l := reports[0]
		for i, row := range largeRows {
			if row.value != nil {
				a, b := row.value(l.Few), row.value(l.Many)
				t[i+1] = append(t[i+1], short(a), short(b), ratio(b, a))
				continue
			}
			a, b := row.latency(l.Few), row.latency(l.Many)
			t[i+1] = append(t[i+1], latency(a), latency(b), ratio(b.P99, a.P99))
		}
		fmt.Fprintf(&text, "\nStored through the API on %s in %s s, %s of them cancelled.\n",
			trial.name, grouped(l.FillSeconds), grouped(float64(l.Cancelled)))
	}
	return t.String() + text.String() + r.commands(p), nil
}
