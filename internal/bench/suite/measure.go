package suite

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"vacancy/internal/bench/reference"
)

// Options say what to measure, and how.
type Options struct {
	// Database is a "postgres://..." URL. Every run has a schema of its own in it.
	Database string
	// Directory is where SQLite's files live; "" is the system's for temporary files.
	Directory string
	// Seconds is how long each load runs, and Rounds how often those that are compared do.
	Seconds float64
	Rounds  int
	// Few and Many are how many bookings are stored for the comparison of sizes.
	Few, Many int
	// Only names the parts to measure; none is all of them.
	Only []string
	// Run runs `vacancy bench` with the arguments given, and returns the JSON it prints.
	Run func(ctx context.Context, args []string) ([]byte, error)
	// Log is told what is being measured.
	Log io.Writer
}

func (o Options) check() error {
	if o.Seconds <= 0 || o.Rounds < 1 || o.Few < 1 || o.Many < o.Few {
		return errors.New("the seconds, the rounds and the bookings must be more than 0, and the many bookings no less than the few")
	}
	return nil
}

// Results are what the runs of a suite showed.
type Results struct {
	options Options
	parts   []part
	machine Machine
	reports map[string][]json.RawMessage // by the command line, one for each round
}

// Measure runs the suite. A run that fails ends it: a server that breaks a promise has no figures.
func Measure(ctx context.Context, o Options) (*Results, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	parts, err := o.chosen()
	if err != nil {
		return nil, err
	}
	server, err := reference.Inspect(ctx, o.Database)
	if err != nil {
		return nil, err
	}
	machine, err := inspectMachine(o.Directory)
	if err != nil {
		return nil, err
	}
	machine.PostgreSQL = server.Version
	r := &Results{options: o, parts: parts, machine: machine, reports: make(map[string][]json.RawMessage)}
	for round := range o.Rounds {
		for _, p := range parts {
			if round > 0 && !p.rounds {
				continue
			}
			if err := r.measure(ctx, p, round); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// measure runs each trial of a part once.
func (r *Results) measure(ctx context.Context, p part, round int) error {
	for _, t := range p.trials {
		line := r.options.commandLine(p, t)
		if len(r.reports[line]) > round {
			continue // another part needs the same figures
		}
		fmt.Fprintf(r.options.Log, "%s\n", line)
		report, err := r.options.Run(ctx, r.options.args(p, t))
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		r.reports[line] = append(r.reports[line], report)
		fmt.Fprintf(r.options.Log, "\t%s\n", headline(report))
	}
	return nil
}

// arguments of a trial's command, with the database's name in place of its address.
func (o Options) arguments(p part, t trial) []string {
	args := slices.Clone(t.args)
	if p.timed {
		args = append(args, "--seconds", strconv.FormatFloat(o.Seconds, 'g', -1, 64))
	}
	return args
}

// args are the arguments that are run.
func (o Options) args(p part, t trial) []string {
	args := append(o.arguments(p, t), "--json")
	for i, a := range args {
		if a == databaseName {
			args[i] = o.Database
		}
	}
	if o.Directory != "" && !slices.Contains(args, o.Database) {
		args = append(args, "--directory", o.Directory)
	}
	return args
}

// commandLine is a trial's command as the document shows it.
func (o Options) commandLine(p part, t trial) string {
	return "vacancy bench " + strings.Join(o.arguments(p, t), " ")
}

// headline is the first figure of a report, for the log.
func headline(report []byte) string {
	var f figures
	if err := json.Unmarshal(report, &f); err != nil || f.BookedPerSecond == 0 {
		return "done"
	}
	return fmt.Sprintf("%.0f/s, p99 %.1f ms", f.BookedPerSecond, f.Latency.P99)
}

// reported decodes the reports of a trial, one for each round.
func reported[R any](r *Results, p part, t trial) ([]R, error) {
	raw := r.reports[r.options.commandLine(p, t)]
	if len(raw) == 0 {
		return nil, fmt.Errorf("%s has not been run", r.options.commandLine(p, t))
	}
	reports := make([]R, len(raw))
	for i := range raw {
		if err := json.Unmarshal(raw[i], &reports[i]); err != nil {
			return nil, fmt.Errorf("the report of %s: %w", r.options.commandLine(p, t), err)
		}
	}
	return reports, nil
}

// series are the figures of a trial's rounds, from the slowest to the fastest.
type series []figures

func (r *Results) series(p part, t trial) (series, error) {
	return sorted(r, p, t, func(f figures) float64 { return f.BookedPerSecond })
}

// sorted are the reports of a trial, by one of their figures.
func sorted[R any](r *Results, p part, t trial, by func(R) float64) ([]R, error) {
	reports, err := reported[R](r, p, t)
	slices.SortFunc(reports, func(a, b R) int { return cmp.Compare(by(a), by(b)) })
	return reports, err
}

// middle is the round in the middle.
func (s series) middle() figures { return s[len(s)/2] }
