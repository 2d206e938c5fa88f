package suite

import (
	"fmt"
	"strings"

	"vacancy/internal/bench"
)

// grid are the trials of a part in rows and columns.
type grid struct {
	rows, columns []string
	cells         []series // row by row
}

func (r *Results) grid(p part, rows, columns []string) (grid, error) {
	g := grid{rows: rows, columns: columns}
	for _, t := range p.trials {
		s, err := r.series(p, t)
		if err != nil {
			return g, err
		}
		g.cells = append(g.cells, s)
	}
	return g, nil
}

// row are the cells of the i-th row.
func (g grid) row(i int) []series { return g.cells[i*len(g.columns) : (i+1)*len(g.columns)] }

// table shows something of each cell; at is where it stands in its row.
func (g grid) table(corner string, show func(row []series, at int) string) string {
	var t table
	t.add(append([]string{corner}, g.columns...)...)
	for i, name := range g.rows {
		cells := append(make([]string, 0, 1+len(g.columns)), name)
		for at := range g.columns {
			cells = append(cells, show(g.row(i), at))
		}
		t.add(cells...)
	}
	return t.String()
}

// failures is a remark if requests failed, in whatever round.
func (g grid) failures() string {
	var text strings.Builder
	for i, cell := range g.cells {
		for _, f := range cell {
			if n := failures(f.Errors); n > 0 {
				row, column := g.rows[i/len(g.columns)], g.columns[i%len(g.columns)]
				fmt.Fprintf(&text, "\n%d requests failed in a run of %s: %s (%v).\n", n, row, column, f.Errors)
			}
		}
	}
	return text.String()
}

// named has a name.
type named interface{ called() string }

func (t trial) called() string { return t.name }
func (p part) called() string  { return p.name }

func names[T named](of []T) []string {
	all := make([]string, len(of))
	for i, x := range of {
		all[i] = x.called()
	}
	return all
}

// rounds says how the figures of a part came about.
func (r *Results) rounds() string {
	if r.options.Rounds == 1 {
		return ""
	}
	return fmt.Sprintf(", the middle of %d rounds (and the slowest and fastest)", r.options.Rounds)
}

func (r *Results) renderLoads(p part) (string, error) {
	rows := make([]string, len(loads))
	for i, l := range loads {
		rows[i] = l.name
	}
	g, err := r.grid(p, rows, names(systems))
	if err != nil {
		return "", err
	}
	return "Bookings a second" + r.rounds() + ", and how many times the reference's:\n\n" +
		g.table("64 clients", func(row []series, at int) string {
			if at == 0 {
				return row[at].rate()
			}
			return row[at].rate() + ": **" + ratio(row[at].middle().BookedPerSecond, row[0].middle().BookedPerSecond) + "x**"
		}) +
		"\nHow long a booking takes, p50 / p99 in ms:\n\n" +
		g.table("", func(row []series, at int) string { return latency(row[at].middle().Latency) }) +
		"\nMean of the reference under the hot slot: " + short(g.cells[0].middle().Latency.Mean) + " ms.\n" +
		"\nCPU for each booking, of server + database + load, in us:\n\n" +
		g.table("", func(row []series, at int) string { return row[at].middle().cpu() }) +
		g.failures() + r.commands(p), nil
}

func (r *Results) renderLockings(p part) (string, error) {
	g, err := r.grid(p, names(contentions), lockings)
	if err != nil {
		return "", err
	}
	return "Bookings a second" + r.rounds() + "; p50 / p99 in ms; CPU of server + database + load for each booking in us:\n\n" +
		g.table("64 clients", func(row []series, at int) string {
			return row[at].rate() + "; " + latency(row[at].middle().Latency) + "; " + row[at].middle().cpu()
		}) + g.failures() + r.commands(p), nil
}

func (r *Results) renderLive(p part) (string, error) {
	var t table
	t.add("", "update latency p50 / p99, ms", "booking p50 / p99, ms", "changes made", "frames/s", "server CPU a frame, us",
		"memory a reader, KB")
	for _, trial := range p.trials {
		rounds, err := sorted(r, p, trial, func(l bench.LiveReport) float64 { return l.UpdateLatency.P99 })
		if err != nil {
			return "", err
		}
		l := rounds[len(rounds)/2]
		made := fmt.Sprintf("%s/s", short(float64(l.Changes)/max(l.Seconds, 1e-9)))
		if n := failures(l.Errors); n > 0 {
			made += fmt.Sprintf(", %d failed", n)
		}
		t.add(trial.name, latency(l.UpdateLatency), latency(l.BookingLatency), made, grouped(l.FramesPerSecond), short(l.CPUPerFrame),
			short(float64(l.MemoryPerReader)/1e3))
	}
	text := t.String()
	if r.options.Rounds > 1 {
		text += fmt.Sprintf("\nOf %d rounds, the one whose p99 of updates is in the middle.\n", r.options.Rounds)
	}
	return text + r.commands(p), nil
}

func (r *Results) renderChurn(p part) (string, error) {
	var t table
	t.add("100 clients", "held and given back", "refused", "of these with alternatives", "places", "most held at once",
		"most listed at once")
	for _, trial := range p.trials {
		reports, err := reported[bench.ChurnReport](r, p, trial)
		if err != nil {
			return "", err
		}
		c := reports[0]
		t.add(trial.name, grouped(float64(c.Cancelled)), grouped(float64(c.Refused)), grouped(float64(c.Alternatives)),
			grouped(float64(c.Capacity)), grouped(float64(c.MostHeld)), grouped(float64(c.MostListed)))
	}
	return t.String() + r.commands(p), nil
}
