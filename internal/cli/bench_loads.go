package cli

import (
	"context"

	"vacancy/internal/bench"
	"vacancy/internal/bench/reference"
)

type benchBookCommand struct {
	benchTarget
	Clients  int  `default:"64" help:"How many clients book side by side, spread over the nodes."`
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
	Readers   int    `default:"1000" help:"How many readers follow the calendar. With several nodes, they are at all but the first, where the bookings are made."`
	Changes   int    `default:"4" help:"How many bookings a second change it."`
	Days      int    `default:"1" help:"How many days the calendar shows, of 48 slots each."`
	Slots     int    `help:"How many of the slots are booked; 0 is all."`
	Transport string `default:"sse" enum:"sse,ws" help:"Server-sent events or WebSocket: ${enum}."`
}

func (c *benchLiveCommand) Run(ctx context.Context, streams Streams) error {
	return measure(ctx, c.benchTarget, streams.Out, func(t bench.Target) (bench.LiveReport, error) {
		return bench.Live(ctx, t, bench.LiveOptions{
			Readers: c.Readers, Changes: c.Changes, Days: c.Days, Slots: c.Slots, Duration: c.duration(), WebSocket: c.Transport == "ws",
		})
	})
}

type benchChurnCommand struct {
	benchTarget
	Clients  int `default:"100" help:"How many clients fight, spread over the nodes."`
	Capacity int `default:"4" help:"How many places there are."`
}

func (c *benchChurnCommand) Run(ctx context.Context, streams Streams) error {
	return measure(ctx, c.benchTarget, streams.Out, func(t bench.Target) (bench.ChurnReport, error) {
		return bench.Churn(ctx, t, bench.ChurnOptions{Clients: c.Clients, Capacity: c.Capacity, Duration: c.duration()})
	})
}

type benchLargeCommand struct {
	benchServer
	Bookings int `default:"1000000" help:"How many bookings are stored, through the API."`
	Few      int `default:"10000" help:"How many are stored for comparison, first."`
	Venues   int `default:"20" help:"How many venues they are spread over."`
	Clients  int `default:"256" help:"How many clients store them."`
	Samples  int `default:"2000" help:"How many requests of each kind are measured."`
}

func (c *benchLargeCommand) Run(ctx context.Context, streams Streams) error {
	return withServer(ctx, c.options(1), func(server *bench.Server) error {
		report, err := bench.Large(ctx, server, bench.LargeOptions{
			Few: c.Few, Many: c.Bookings, Venues: c.Venues, Clients: c.Clients, Samples: c.Samples,
		})
		return printReport(streams.Out, c.JSON, report, err)
	})
}

type benchReferenceCommand struct {
	Database string  `required:"true" placeholder:"URL" help:"A PostgreSQL database, postgres://USER@HOST/NAME; the run has a schema of its own in it, dropped at the end."`
	Clients  int     `default:"64" help:"How many clients book side by side, each on a connection of its own."`
	Slots    int     `default:"1" help:"How many slots of each venue they book at random."`
	Venues   int     `default:"1" help:"How many venues."`
	Capacity int     `default:"1000000" help:"How many places a slot has."`
	Seconds  float64 `default:"10" help:"How long the load runs."`
	JSON     bool    `name:"json" help:"Print one JSON object."`
}

func (c *benchReferenceCommand) Run(ctx context.Context, streams Streams) error {
	report, err := reference.Run(ctx, reference.Options{
		Database: c.Database, Clients: c.Clients, Slots: c.Slots, Venues: c.Venues, Capacity: c.Capacity,
		Duration: benchTarget{Seconds: c.Seconds}.duration(),
	})
	return printReport(streams.Out, c.JSON, report, err)
}
