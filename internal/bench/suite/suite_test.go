package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/bench"
	"vacancy/internal/bench/meter"
	"vacancy/internal/store/postgres/postgrestest"
)

// emptyDocument has a block for everything, and words around them.
func emptyDocument() string {
	text := "# Title\n"
	for _, name := range append(Parts(), machineBlock) {
		text += "before " + name + "\n<!-- measured: " + name + " -->\nold figures\n<!-- end of " + name + " -->\n"
	}
	return text + "the end\n"
}

// fakeRuns answer command lines with figures that tell them apart.
type fakeRuns struct {
	lines []string
	turns map[string]int
}

func (f *fakeRuns) run(_ context.Context, args []string) ([]byte, error) {
	line := strings.Join(args, " ")
	f.lines = append(f.lines, line)
	f.turns[line]++
	switch args[0] {
	case "reference":
		return json.Marshal(figures{
			Booked: 100, BookedPerSecond: 1000 + float64(f.turns[line]), Latency: meter.Latency{Mean: 61, P50: 50, P99: 123},
			Usage: meter.Usage{DatabaseCPU: 0.02, LoadCPU: 0.01},
		})
	case "book":
		// The rounds are 8,002, 8,004, 8,006: the fastest first.
		return json.Marshal(bench.BookReport{
			Booked: 1000, BookedPerSecond: 8008 - 2*float64(f.turns[line]), Latency: meter.Latency{P50: 6.83, P99: 19.91},
			Errors: map[string]int64{"503 busy": 2}, Usage: meter.Usage{ServerCPU: 0.1, DatabaseCPU: 0.05, LoadCPU: 0.02},
		})
	case "live":
		return json.Marshal(bench.LiveReport{
			Seconds: 2, Changes: 8, FramesPerSecond: 4000, UpdateLatency: meter.Latency{P50: 8.44, P99: 14.2 + float64(f.turns[line])},
			CPUPerFrame: 12.3, MemoryPerReader: 7600, Errors: map[string]int64{"connection": 1},
		})
	case "churn":
		return json.Marshal(bench.ChurnReport{Cancelled: 19484, Refused: 766319, Alternatives: 766319, Capacity: 4, MostHeld: 4, MostListed: 3})
	default:
		few := bench.Stored{Bookings: 10, Ready: 100, List: meter.Latency{P50: 0.5, P99: 2}, ServerMemory: 50e6}
		many := bench.Stored{Bookings: 1000, Ready: 150, List: meter.Latency{P50: 0.75, P99: 3}, ServerMemory: 200e6}
		return json.Marshal(bench.LargeReport{FillSeconds: 120, Cancelled: 99, Few: few, Many: many})
	}
}

func options(t *testing.T, run func(context.Context, []string) ([]byte, error)) Options {
	t.Helper()
	return Options{
		Database: postgrestest.Shared(t).URL(), Directory: t.TempDir(), Seconds: 2.5, Rounds: 3, Few: 10, Many: 1000, Run: run, Log: io.Discard,
	}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	fake := &fakeRuns{turns: make(map[string]int)}
	o := options(t, fake.run)
	var log bytes.Buffer
	o.Log = &log
	if err := o.Check(emptyDocument()); err != nil {
		t.Fatal(err)
	}
	r, err := Measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.Update(emptyDocument())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Title\nbefore bookings\n", "before large\n", "the end\n",
		"Measured on ", "PostgreSQL 15",
		"| 64 clients | reference | PostgreSQL, one node | PostgreSQL, two nodes | SQLite |\n|---|---|---|---|---|\n",
		"| 100 venues | 1,002/s (1,001 to 1,003) | 8,004/s (8,002 to 8,006): **7.99x** |",
		"| one hot slot | 50.0 / 123 | 6.8 / 19.9 |", "Mean of the reference under the hot slot: 61.0 ms.",
		"| 1,000 slots of one venue | 0 + 200 + 100 | 100 + 50 + 20 |",
		"\n2 requests failed in a run of 100 venues: SQLite (map[503 busy:2]).\n",
		"vacancy bench book --database $DATABASE --nodes 2 --slots 1000 --seconds 2.5\n",
		"| one hot slot, two nodes | 8,004/s (8,002 to 8,006); 6.8 / 19.9; 100 + 50 + 20 |",
		"vacancy bench book --database $DATABASE --nodes 2 --locking pessimistic --seconds 2.5\n",
		"| 1,000 readers, 4 changes a second; SQLite | 8.4 / 16.2 | 0.00 / 0.00 | 4.0/s, 1 failed | 4,000 | 12.3 | 7.6 |",
		"| PostgreSQL, two nodes | 19,484 | 766,319 | 766,319 | 4 | 4 | 3 |",
		"| bookings stored | SQLite: 10 | 1,000 | ratio (of p99) | PostgreSQL: 10 | 1,000 | ratio (of p99) |",
		"| start to serving, ms | 100 | 150 | 1.50 |", "| list of 50 bookings, p50 / p99 ms | 0.50 / 2.0 | 0.75 / 3.0 | 1.50 |",
		"in 120 s, 99 of them cancelled", "vacancy bench large --few 10 --bookings 1000 --database $DATABASE\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the document lacks %q", want)
		}
	}
	if strings.Contains(text, "old figures") || strings.Contains(text, o.Database) {
		t.Error("the document has what it should not")
	}
	if t.Failed() {
		t.Log(text)
	}
	if !strings.Contains(log.String(), "1001/s, p99 123.0 ms") {
		t.Errorf("the log is\n%s", &log)
	}
	checkOrder(t, o, fake)
}

// checkOrder expects the reference right before what is compared with it, in each round, and no run twice in a round.
func checkOrder(t *testing.T, o Options, fake *fakeRuns) {
	t.Helper()
	hot := "reference --database " + o.Database + " --seconds 2.5 --json"
	ours := "book --database " + o.Database + " --seconds 2.5 --json"
	if fake.turns[hot] != 3 || fake.turns[ours] != 3 || fake.turns["churn --seconds 2.5 --json --directory "+o.Directory] != 1 {
		t.Errorf("the runs were\n%s", strings.Join(fake.lines, "\n"))
	}
	if at := slices.Index(fake.lines, hot); at < 0 || fake.lines[at+1] != ours {
		t.Errorf("the runs were\n%s", strings.Join(fake.lines, "\n"))
	}
}

func TestSuiteFails(t *testing.T) {
	t.Parallel()
	good := options(t, func(context.Context, []string) ([]byte, error) { return []byte("{}"), nil })
	for name, change := range map[string]func(o *Options){
		"no time":      func(o *Options) { o.Seconds = 0 },
		"no round":     func(o *Options) { o.Rounds = 0 },
		"few are many": func(o *Options) { o.Few = 1001 },
		"unknown part": func(o *Options) { o.Only = []string{"nonsense"} },
		"no database":  func(o *Options) { o.Database = "postgres://127.0.0.1:1/nothing" },
		"not a folder": func(o *Options) { o.Directory = "/nowhere" },
		"a run's error": func(o *Options) {
			o.Run = func(context.Context, []string) ([]byte, error) { return nil, bench.ErrBroken }
		},
	} {
		o := good
		change(&o)
		if _, err := Measure(t.Context(), o); err == nil || name == "a run's error" && !errors.Is(err, bench.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good.Run = func(context.Context, []string) ([]byte, error) { return []byte("nonsense"), nil }
	for _, part := range Parts() {
		o := good
		o.Only = []string{part}
		r, err := Measure(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Update(emptyDocument()); err == nil || !strings.Contains(err.Error(), "the report of vacancy bench") {
			t.Errorf("nonsense in %s: %v", part, err)
		}
	}
}

// Only what was measured is written anew.
func TestSuiteInParts(t *testing.T) {
	t.Parallel()
	o := options(t, (&fakeRuns{turns: make(map[string]int)}).run)
	o.Only, o.Rounds = []string{"churn"}, 1
	r, err := Measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.Update(emptyDocument())
	if err != nil || strings.Count(text, "old figures") != len(Parts())-1 {
		t.Errorf("%v\n%s", err, text)
	}
	for _, document := range []string{
		"", strings.Replace(emptyDocument(), "<!-- measured: churn -->", "", 1), strings.Replace(emptyDocument(), "<!-- end of churn -->", "", 1),
	} {
		if err := o.Check(document); err == nil {
			t.Errorf("this document will do:\n%s", document)
		}
		if _, err := r.Update(document); err == nil {
			t.Errorf("this document is updated:\n%s", document)
		}
	}
	o.Only = []string{"nonsense"}
	if err := o.Check(emptyDocument()); err == nil {
		t.Error("there is a part called nonsense")
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{0: "0.00", 0.123: "0.12", 9.96: "10.0", 99.4: "99.4", 1234.5: "1,235", 999999.7: "1,000,000"} {
		if got := short(x); got != want {
			t.Errorf("short(%v) = %q, want %q", x, got, want)
		}
	}
	if got := ratio(1, 0); got != "-" {
		t.Errorf("a ratio to nothing is %q", got)
	}
	if got := field("/nowhere", "name", ":"); got != "unknown" {
		t.Errorf("a field of nothing is %q", got)
	}
}
