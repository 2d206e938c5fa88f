package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"vacancy/internal/bench"
)

type benchCommand struct {
	Book      benchBookCommand      `cmd:"" help:"Book as fast as possible, and count oversells."`
	Live      benchLiveCommand      `cmd:"" help:"Follow a changing calendar with many readers, and compare what they end with."`
	Churn     benchChurnCommand     `cmd:"" help:"Book and cancel a few places with many clients, and watch that never more are taken."`
	Large     benchLargeCommand     `cmd:"" help:"Store many bookings, and measure a start and reads with them."`
	Reference benchReferenceCommand `cmd:"" help:"Measure what bookings are compared with: SELECT ... FOR UPDATE, straight to PostgreSQL."`
	Suite     benchSuiteCommand     `cmd:"" help:"Measure all of it, and write the figures into a document."`
}

// benchServer is how a server is started for a benchmark.
type benchServer struct {
	Database    string `placeholder:"URL" help:"The started server's: sqlite (if not set) or postgres://USER@HOST/NAME. It gets a file or a schema of its own, thrown away at the end."`
	Directory   string `placeholder:"DIR" type:"existingdir" help:"Where SQLite's file lives; its disk is measured too."`
	Locking     string `placeholder:"WAY" help:"The started server's --locking."`
	Connections int    `placeholder:"N" help:"The started server's --connections."`
	JSON        bool   `name:"json" help:"Print one JSON object."`
}

func (s benchServer) options(nodes int) bench.ServerOptions {
	return bench.ServerOptions{
		Database: s.Database, Directory: s.Directory, Nodes: nodes, Locking: s.Locking, Connections: s.Connections,
	}
}

// benchTarget is what a load needs to know of its server.
type benchTarget struct {
	benchServer
	Nodes        int      `default:"1" help:"How many nodes of the server are started. Several need PostgreSQL."`
	URL          []string `name:"url" placeholder:"URL" help:"The address of a running server, once for each of its nodes, instead of one that is started."`
	Key          string   `env:"VACANCY_ADMIN_KEY" placeholder:"KEY" help:"A management key of the server at --url."`
	Remote       bool     `help:"Allow a server on another machine."`
	InsecureHTTP bool     `name:"insecure-http" help:"Send the key over plain HTTP to another machine, where whoever is on the way can read it."`
	Seconds      float64  `default:"10" help:"How long the load runs."`
}

func (t benchTarget) duration() time.Duration { return time.Duration(t.Seconds * float64(time.Second)) }

// running is the server at --url.
func (t benchTarget) running() (bench.Target, error) {
	if t.Database != "" || t.Directory != "" || t.Locking != "" || t.Connections != 0 || t.Nodes != 1 {
		return bench.Target{}, errors.New("--database, --directory, --locking, --connections and --nodes are for a server that is started, " +
			"not for one at --url")
	}
	target := bench.Target{Key: t.Key}
	for _, url := range t.URL {
		if err := checkKeyIsSafe(url, t.Key, t.InsecureHTTP); err != nil {
			return target, err
		}
		target.Nodes = append(target.Nodes, bench.Node{URL: url})
	}
	if err := target.CheckLoopback(); err != nil && !t.Remote {
		return target, fmt.Errorf("%w; --remote allows it", err)
	}
	return target, nil
}

// measure loads a server and prints the report, also when it is a bad one: the error comes after it.
func measure[R fmt.Stringer](ctx context.Context, t benchTarget, out io.Writer, load func(bench.Target) (R, error)) (err error) {
	if len(t.URL) > 0 {
		target, err := t.running()
		if err != nil {
			return err
		}
		report, err := load(target)
		return printReport(out, t.JSON, report, err)
	}
	return withServer(ctx, t.options(t.Nodes), func(server *bench.Server) error {
		report, err := load(server.Target)
		return printReport(out, t.JSON, report, err)
	})
}

// withServer starts a server for a run, and stops it afterwards.
func withServer(ctx context.Context, o bench.ServerOptions, run func(*bench.Server) error) (err error) {
	server, err := bench.StartServer(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	return run(server)
}

// printReport prints what was measured, if the error allows that, and returns the error.
func printReport(out io.Writer, asJSON bool, report fmt.Stringer, err error) error {
	if err != nil && !errors.Is(err, bench.ErrBroken) {
		return err
	}
	if !asJSON {
		fmt.Fprint(out, report)
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return errors.Join(encoder.Encode(report), err)
}
