package reference

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/bench/meter"
)

// Options describe a load of bookings. They have the meaning that they have in package bench.
type Options struct {
	// Database is a "postgres://..." URL.
	Database string
	// Clients book side by side, each on a connection of its own, one booking after the other.
	Clients int
	// Slots of each of Venues are booked at random; one is the hot slot.
	Slots, Venues int
	// Capacity is how many places a slot has.
	Capacity int
	Duration time.Duration
}

func (o Options) check() error {
	if o.Clients < 1 || o.Slots < 1 || o.Venues < 1 || o.Capacity < 1 || o.Duration <= 0 {
		return errors.New("clients, slots, venues, capacity and the time must be more than 0")
	}
	return nil
}

// ErrBroken is what a run returns when the tables do not hold what was acknowledged. The report says what is wrong.
var ErrBroken = errors.New("the reference broke a promise")

// Report is what [Run] measured.
type Report struct {
	Seconds float64 `json:"seconds"`
	// Booked were committed; Refused found the slot full.
	Booked          int64   `json:"booked"`
	Refused         int64   `json:"refused"`
	BookedPerSecond float64 `json:"booked_per_second"`
	// Latency is that of the bookings, from BEGIN until COMMIT was answered.
	Latency meter.Latency `json:"latency"`
	Usage   meter.Usage   `json:"usage"`
	Audit   Audit         `json:"audit"`
	// PostgreSQL is the server's version.
	PostgreSQL string `json:"postgresql"`
}

// load is a run under way.
type load struct {
	options         Options
	slots           []slot
	booked, refused atomic.Int64
	latency         meter.Histogram
}

type slot struct {
	venue string
	start time.Time
}

// Run measures the reference, in a schema that is dropped at the end. Any statement that fails ends it: figures with failures would
// compare with nothing.
func Run(ctx context.Context, o Options) (report Report, err error) {
	if err := o.check(); err != nil {
		return report, err
	}
	server, err := Inspect(ctx, o.Database)
	if err != nil {
		return report, err
	}
	schema, err := NewSchema(ctx, o.Database)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, schema.Drop(context.WithoutCancel(ctx))) }()
	l := &load{options: o}
	if err := l.setUp(ctx, schema.URL); err != nil {
		return report, fmt.Errorf("set up the reference: %w", err)
	}
	took, usage, err := l.run(ctx, schema.URL, meter.Meter{Database: server.CPU()})
	if err != nil {
		return report, err
	}
	booked := l.booked.Load()
	report = Report{
		Seconds: took.Seconds(), Booked: booked, Refused: l.refused.Load(), BookedPerSecond: float64(booked) / took.Seconds(),
		Latency: l.latency.Summary(), Usage: usage, PostgreSQL: server.Version,
	}
	if report.Audit, err = audit(ctx, schema.URL, booked); err != nil {
		return report, fmt.Errorf("audit the reference: %w", err)
	}
	return report, report.Audit.verdict()
}

// run has the clients book until the time is up.
func (l *load) run(ctx context.Context, database string, m meter.Meter) (took time.Duration, usage meter.Usage, err error) {
	clients, err := connect(ctx, database, l.options.Clients, time.Now().Add(l.options.Duration+drainTimeout))
	if err != nil {
		return 0, usage, err
	}
	defer func() {
		for _, c := range clients {
			closeConn(ctx, c.conn)
		}
	}()
	usage, err = m.Measure(func() error {
		began := time.Now()
		failures := make([]error, len(clients)+1)
		var working sync.WaitGroup
		for i, c := range clients {
			working.Go(func() { failures[i] = l.work(ctx, c, began.Add(l.options.Duration)) })
		}
		working.Wait()
		took = time.Since(began)
		failures[len(clients)] = ctx.Err()
		return errors.Join(failures...)
	})
	return took, usage, err
}

// work is one client: it books until the time is up.
func (l *load) work(ctx context.Context, c client, deadline time.Time) error {
	for now := time.Now(); now.Before(deadline) && ctx.Err() == nil; {
		began := now
		booked, err := c.book(l.slots[rand.IntN(len(l.slots))])
		if err != nil {
			return err
		}
		now = time.Now()
		if booked {
			l.booked.Add(1)
			l.latency.Add(now.Sub(began))
		} else {
			l.refused.Add(1)
		}
	}
	return nil
}

// setUp makes the tables and the slots.
func (l *load) setUp(ctx context.Context, database string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	if _, err := conn.Exec(ctx, tables); err != nil {
		return err
	}
	tomorrow := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	for v := range l.options.Venues {
		for n := range l.options.Slots {
			l.slots = append(l.slots, slot{fmt.Sprintf("bench-%d", v), tomorrow.Add(time.Duration(n) * slotLength)})
		}
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"slots"}, []string{"venue", "start", "capacity", "taken"},
		pgx.CopyFromSlice(len(l.slots), func(i int) ([]any, error) {
			return []any{l.slots[i].venue, l.slots[i].start, l.options.Capacity, 0}, nil
		}))
	return err
}

// String is the report as a person reads it.
func (r Report) String() string {
	return fmt.Sprintf("booked   %d in %.2f s: %.0f/s (%d refused)\n"+
		"latency  mean %.2f ms, p50 %.2f ms, p99 %.2f ms, max %.2f ms\n"+
		"CPU      %.2f s of PostgreSQL %s, %.2f s of the load\n"+
		"audit    %d rows, %d lost, %d places oversold, %d slots counted wrong\n",
		r.Booked, r.Seconds, r.BookedPerSecond, r.Refused, r.Latency.Mean, r.Latency.P50, r.Latency.P99, r.Latency.Max,
		r.Usage.DatabaseCPU, r.PostgreSQL, r.Usage.LoadCPU, r.Audit.Bookings, r.Audit.Lost, r.Audit.Oversold, r.Audit.Wrong)
}
