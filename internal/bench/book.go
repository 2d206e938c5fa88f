package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/bench/meter"
)

// BookOptions describe a load of bookings.
type BookOptions struct {
	// Clients book side by side, each on a connection of its own, one booking after the other. They are spread over the nodes.
	Clients int
	// Slots of each of Venues are booked at random; one is the hot slot.
	Slots, Venues int
	// Capacity is how many places a slot has.
	Capacity int
	Duration time.Duration
	// Count ends the load after so many requests, if it is not zero.
	Count int
	// NoKeys leaves out the Idempotency-Key that a careful client sends.
	NoKeys bool
}

func (o BookOptions) check() error {
	switch {
	case o.Clients < 1 || o.Venues < 1 || o.Capacity < 1:
		return errors.New("clients, venues and capacity must be 1 or more")
	case o.Slots < 1 || o.Slots > maxSlots:
		return fmt.Errorf("slots must be 1 to %d", maxSlots)
	case o.Duration <= 0 || o.Count < 0:
		return errors.New("the time must be more than 0, and the count not less")
	}
	return nil
}

// BookReport is what [Book] measured.
type BookReport struct {
	Seconds float64 `json:"seconds"`
	// Booked were acknowledged with 201; Refused were told that the slot is full, most of them with Alternatives.
	Booked       int64 `json:"booked"`
	Refused      int64 `json:"refused"`
	Alternatives int64 `json:"refused_with_alternatives"`
	// Errors are all other answers, by status and code; "connection" are broken connections.
	Errors map[string]int64 `json:"errors"`
	// BookedPerSecond is the throughput.
	BookedPerSecond   float64 `json:"booked_per_second"`
	AnsweredPerSecond float64 `json:"answered_per_second"`
	// Latency is that of the bookings, RefusalLatency that of the refusals.
	Latency        meter.Latency `json:"latency"`
	RefusalLatency meter.Latency `json:"refusal_latency"`
	Usage          meter.Usage   `json:"usage"`
	Audit          Audit         `json:"audit"`
}

// Book has many clients book as fast as they can, and audits the result. The error is [ErrBroken] if a slot was oversold, a
// booking was lost, or the calendar is wrong.
func Book(ctx context.Context, t Target, o BookOptions) (BookReport, error) {
	if err := o.check(); err != nil {
		return BookReport{}, err
	}
	s, err := t.connect(ctx)
	if err != nil {
		return BookReport{}, err
	}
	stages, err := s.setUp(ctx, o.Venues, o.Slots, o.Capacity)
	if err != nil {
		return BookReport{}, err
	}
	l := &bookLoad{session: s, options: o}
	for _, v := range stages {
		if err := l.aim(v); err != nil {
			return BookReport{}, err
		}
	}
	report, err := l.run(ctx)
	if err != nil {
		return report, err
	}
	for i, v := range stages {
		audit, err := s.audit(ctx, v, l.acknowledged(i))
		if err != nil {
			return report, err
		}
		report.Audit = report.Audit.plus(audit)
	}
	return report, report.Audit.verdict()
}

// bookLoad is a load of bookings under way.
type bookLoad struct {
	session *session
	options BookOptions
	targets []bookTarget // of all venues, one venue after the other
	turns   atomic.Int64
	tally   tally
}

// bookTarget is one slot.
type bookTarget struct {
	request  prepared
	start    time.Time
	accepted *atomic.Int64
}

func (l *bookLoad) aim(v benchVenue) error {
	for _, start := range v.starts {
		request, err := prepare(l.session.nodes[0].base, v.bookingsPath(), "", bookingOf(start), !l.options.NoKeys)
		if err != nil {
			return err
		}
		l.targets = append(l.targets, bookTarget{request, start, new(atomic.Int64)})
	}
	return nil
}

// acknowledged are the bookings of the i-th venue by start.
func (l *bookLoad) acknowledged(i int) map[int64]int {
	bookings := make(map[int64]int)
	for _, t := range l.targets[i*l.options.Slots : (i+1)*l.options.Slots] {
		bookings[t.start.Unix()] = int(t.accepted.Load())
	}
	return bookings
}

func (l *bookLoad) run(ctx context.Context) (BookReport, error) {
	callers, err := connect(ctx, l.session.nodes, l.options.Clients, time.Now().Add(l.options.Duration+drainTimeout))
	if err != nil {
		return BookReport{}, err
	}
	var took time.Duration
	used, err := l.session.meter.Measure(func() error {
		began := time.Now()
		var working sync.WaitGroup
		for i, c := range callers {
			working.Go(func() { l.work(ctx, i, c, began.Add(l.options.Duration)) })
		}
		working.Wait()
		took = time.Since(began)
		return ctx.Err()
	})
	return BookReport{
		Seconds: took.Seconds(), Booked: l.tally.accepted.Load(), Refused: l.tally.refused.Load(),
		Alternatives: l.tally.alternatives.Load(), Errors: l.tally.failures(),
		BookedPerSecond:   perSecond(l.tally.accepted.Load(), took),
		AnsweredPerSecond: perSecond(l.tally.accepted.Load()+l.tally.refused.Load(), took),
		Latency:           l.tally.latency.Summary(), RefusalLatency: l.tally.refusal.Summary(), Usage: used,
	}, err
}

func perSecond(n int64, d time.Duration) float64 { return float64(n) / max(d.Seconds(), 1e-9) }

// work is one client: it books until the time or the count is up.
func (l *bookLoad) work(ctx context.Context, worker int, c *caller, deadline time.Time) {
	defer c.close()
	var buffer []byte
	now := time.Now()
	for turn := 0; now.Before(deadline) && ctx.Err() == nil; turn++ {
		if n := l.turns.Add(1); l.options.Count > 0 && n > int64(l.options.Count) {
			return
		}
		target := &l.targets[rand.IntN(len(l.targets))]
		buffer = target.request.request(buffer, worker, turn)
		began := now
		answer, err := c.do(ctx, buffer)
		now = time.Now()
		if err != nil {
			l.tally.fail(connection)
		} else {
			l.count(target, answer, now.Sub(began))
		}
		if wait := pauseAfter(answer, err); wait > 0 {
			pause(ctx, wait)
			now = time.Now()
		}
	}
}

func (l *bookLoad) count(target *bookTarget, answer reply, took time.Duration) {
	switch {
	case l.tally.count(answer):
		target.accepted.Add(1)
		l.tally.latency.Add(took)
	case answer.status == http.StatusConflict:
		l.tally.refusal.Add(took)
	}
}
