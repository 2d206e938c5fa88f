package suite

import (
	"fmt"
	"slices"
	"strconv"
)

// trial is one command line, without the program and its "bench".
type trial struct {
	name string
	args []string
}

// databaseName stands for the PostgreSQL database in command lines: its address is of no interest.
const databaseName = "$DATABASE"

var (
	onPostgres = []string{"--database", databaseName}
	twoNodes   = []string{"--nodes", "2"}
)

// loads of bookings, each of which every system is put under.
var loads = []struct {
	name string
	args []string
	// reference are the arguments that the reference knows.
	reference []string
}{
	{"one hot slot", nil, nil},
	{"the same without idempotency keys, as the reference", []string{"--no-keys"}, nil},
	{"1,000 slots of one venue", []string{"--slots", "1000"}, []string{"--slots", "1000"}},
	{"100 venues", []string{"--venues", "100"}, []string{"--venues", "100"}},
}

// systems that are put under the loads; the first is the reference.
var systems = []trial{
	{"reference", slices.Concat([]string{"reference"}, onPostgres)},
	{"PostgreSQL, one node", slices.Concat([]string{"book"}, onPostgres)},
	{"PostgreSQL, two nodes", slices.Concat([]string{"book"}, onPostgres, twoNodes)},
	{"SQLite", []string{"book"}},
}

// loadTrials are all systems under each load, side by side.
func loadTrials() (trials []trial) {
	for _, l := range loads {
		for i, s := range systems {
			extra := l.args
			if i == 0 {
				extra = l.reference
			}
			trials = append(trials, trial{l.name + ": " + s.name, slices.Concat(s.args, extra)})
		}
	}
	return trials
}

// contentions of two nodes for venue rows, from hardly any to all there can be.
var contentions = []trial{
	{"100 venues, two nodes", []string{"--venues", "100"}},
	{"one hot slot, two nodes", nil},
}

// lockings are the ways to take a venue row.
var lockings = []string{"adaptive", "optimistic", "pessimistic"}

func lockingTrials() (trials []trial) {
	for _, c := range contentions {
		for _, locking := range lockings {
			trials = append(trials, trial{
				c.name + ": " + locking,
				slices.Concat([]string{"book"}, onPostgres, twoNodes, []string{"--locking", locking}, c.args),
			})
		}
	}
	return trials
}

// liveTrials are readers of a calendar in all their ways.
func liveTrials() (trials []trial) {
	const few, many = "1,000 readers, 4 changes a second", "2,000 readers, 1,000 bookings a second offered to one slot"
	fewArgs := []string{"live", "--readers", "1000", "--changes", "4"}
	manyArgs := []string{"live", "--readers", "2000", "--changes", "1000", "--slots", "1"}
	return []trial{
		{few + "; SQLite", fewArgs},
		{few + ", by WebSocket; SQLite", slices.Concat(fewArgs, []string{"--transport", "ws"})},
		{few + "; PostgreSQL", slices.Concat(fewArgs, onPostgres)},
		{few + ", on another node than the bookings; PostgreSQL", slices.Concat(fewArgs, onPostgres, twoNodes)},
		{"5,000 readers, 4 changes a second; SQLite", []string{"live", "--readers", "5000", "--changes", "4"}},
		{many + "; SQLite", manyArgs},
		{many + "; PostgreSQL", slices.Concat(manyArgs, onPostgres)},
		{many + ", on another node than the bookings; PostgreSQL", slices.Concat(manyArgs, onPostgres, twoNodes)},
	}
}

func churnTrials() []trial {
	return []trial{
		{"SQLite", []string{"churn"}},
		{"PostgreSQL, two nodes", slices.Concat([]string{"churn"}, onPostgres, twoNodes)},
	}
}

func largeTrials(few, many int) []trial {
	size := []string{"large", "--few", strconv.Itoa(few), "--bookings", strconv.Itoa(many)}
	return []trial{{"SQLite", size}, {"PostgreSQL", slices.Concat(size, onPostgres)}}
}

// part is a part of the suite: a block of the document.
type part struct {
	name   string
	rounds bool // measured in each round
	timed  bool // runs for a given time
	trials []trial
	// render writes the block.
	render func(r *Results, p part) (string, error)
}

func (o Options) parts() []part {
	return []part{
		{"bookings", true, true, loadTrials(), (*Results).renderLoads},
		{"locking", true, true, lockingTrials(), (*Results).renderLockings},
		{"live", true, true, liveTrials(), (*Results).renderLive},
		{"churn", false, true, churnTrials(), (*Results).renderChurn},
		{"large", false, false, largeTrials(o.Few, o.Many), (*Results).renderLarge},
	}
}

// Parts are the names of the suite's parts.
func Parts() []string { return names(Options{}.parts()) }

// chosen are the parts that are to be measured.
func (o Options) chosen() (parts []part, err error) {
	for _, name := range o.Only {
		if !slices.Contains(Parts(), name) {
			return nil, fmt.Errorf("there is no part %q; there are %q", name, Parts())
		}
	}
	for _, p := range o.parts() {
		if len(o.Only) == 0 || slices.Contains(o.Only, p.name) {
			parts = append(parts, p)
		}
	}
	return parts, nil
}
