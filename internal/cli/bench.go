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
	Book  benchBookCommand  `cmd:"" help:"Book as fast as possible, and count oversells."`
	Live  benchLiveCommand  `cmd:"" help:"Follow a changing calendar with many readers, and compare what they end with."`
	Churn benchChurnCommand `cmd:"" help:"Book and cancel a few places with many clients, and watch that never more are taken."`
}

// benchTarget is what every benchmark needs to know of its server.
type benchTarget struct {
	URL       string  `name:"url" placeholder:"URL" help:"The server's address. Without it, a server is started on a new database, and thrown away."`
	Key       string  `env:"VACANCY_ADMIN_KEY" placeholder:"KEY" help:"A management key of the server at --url."`
	Remote    bool    `help:"Allow a server on another machine."`
	Directory string  `placeholder:"DIR" type:"existingdir" help:"Where the database of the started server lives; its disk is measured too."`
	Seconds   float64 `default:"10" help:"How long the load runs."`
	JSON      bool    `name:"json" help:"Print one JSON object."`
}

// measure loads a server and prints the report, also when it is a bad one: the error comes after it.
func measure[R fmt.Stringer](ctx context.Context, t benchTarget, out io.Writer, load func(bench.Target) (R, error)) (err error) {
	target := bench.Target{URL: t.URL, Key: t.Key}
	if t.URL == "" {
		server, err := bench.StartServer(ctx, bench.ServerOptions{Directory: t.Directory})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		target = server.Target
	}
	if !t.Remote {
		if err := target.CheckLoopback(); err != nil {
			return fmt.Errorf("%w; --remote allows it", err)
		}
	}
	report, err := load(target)
	if err != nil && !errors.Is(err, bench.ErrBroken) {
		return err
	}
	if !t.JSON {
		fmt.Fprint(out, report)
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return errors.Join(encoder.Encode(report), err)
}

func (t benchTarget) duration() time.Duration { return time.Duration(t.Seconds * float64(time.Second)) }

type benchBookCommand struct {
	benchTarget
	Clients  int  `default:"64" help:"How many clients book side by side."`
	Slots    int  `default:"1" help:"How many slots of each venue they book at random."`
	Venues   int  `default:"1" help:"How many venues."`
	Capacity int  `default:"1000000" help:"How many places a slot has."`
	Count    int  `help:"Stop after so many requests."`
	Keys     bool `default:"true" negatable:"" help:"Send an idempotency key with each request, as careful clients do."`
}

func (c *benchBookCommand) Run(ctx context.Context, streams Streams) error {
	return measure(ctx, c.benchTarget, streams.Out, func(t bench.Target) (bench.BookReport, error) {
		return bench.Book(ctx, t, bench.BookOptions{
			Clients: c.Clients, Slots: c.Slots, Venues: c.Venues, Capacity: c.Capacity, Duration: c.duration(), Count: c.Count,
			NoKeys: !c.Keys,
		})
	})
}

type benchLiveCommand struct {
	benchTarget
	Readers   int    `default:"1000" help:"How many readers follow the calendar."`
	Changes   int    `default:"4" help:"How many bookings a second change it."`
	Days      int    `default:"1" help:"How many days the calendar shows, of 48 slots each."`
	Transport string `default:"sse" enum:"sse,ws" help:"Server-sent events or WebSocket: ${enum}."`
}

func (c *benchLiveCommand) Run(ctx context.Context, streams Streams) error {
	return measure(ctx, c.benchTarget, streams.Out, func(t bench.Target) (bench.LiveReport, error) {
		return bench.Live(ctx, t, bench.LiveOptions{
			Readers: c.Readers, Changes: c.Changes, Days: c.Days, Duration: c.duration(), WebSocket: c.Transport == "ws",
		})
	})
}

type benchChurnCommand struct {
	benchTarget
	Clients  int `default:"100" help:"How many clients fight."`
	Capacity int `default:"4" help:"How many places there are."`
}

func (c *benchChurnCommand) Run(ctx context.Context, streams Streams) error {
	return measure(ctx, c.benchTarget, streams.Out, func(t bench.Target) (bench.ChurnReport, error) {
		return bench.Churn(ctx, t, bench.ChurnOptions{Clients: c.Clients, Capacity: c.Capacity, Duration: c.duration()})
	})
}
