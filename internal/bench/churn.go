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

	"vacancy/client"
	"vacancy/internal/bench/meter"
)

// ChurnOptions describe a fight for a few places.
type ChurnOptions struct {
	Clients int
	// Capacity is how many places the slot has.
	Capacity int
	Duration time.Duration
}

func (o ChurnOptions) check() error {
	if o.Clients < 1 || o.Duration <= 0 {
		return errors.New("clients and the time must be more than 0")
	}
	if o.Capacity < 1 || o.Capacity > auditPage {
		return fmt.Errorf("the capacity must be 1 to %d: one answer lists no more bookings", auditPage)
	}
	return nil
}

// ChurnReport is what [Churn] saw.
type ChurnReport struct {
	Seconds      float64          `json:"seconds"`
	Booked       int64            `json:"booked"`
	Cancelled    int64            `json:"cancelled"`
	Refused      int64            `json:"refused"`
	Alternatives int64            `json:"refused_with_alternatives"`
	Errors       map[string]int64 `json:"errors"`
	Capacity     int              `json:"capacity"`
	// MostHeld is how many places the clients held at the same time: acknowledged, and not yet asked to be cancelled.
	MostHeld int64 `json:"most_held"`
	// MostListed is how many bookings one answer listed as taking a place; Listings is how many answers there were.
	MostListed int         `json:"most_listed"`
	Listings   int         `json:"listings"`
	Usage      meter.Usage `json:"usage"`
	Audit      Audit       `json:"audit"`
}

func (r ChurnReport) verdict() error {
	if r.MostHeld > int64(r.Capacity) || r.MostListed > r.Capacity {
		return fmt.Errorf("%w: %d places, of which %d were held and %d listed as taken at the same time",
			ErrBroken, r.Capacity, r.MostHeld, r.MostListed)
	}
	return r.Audit.verdict()
}

// Churn has many clients book and cancel one slot with a few places, while a watcher looks. The error is [ErrBroken] if ever more
// places were taken than there are.
func Churn(ctx context.Context, t Target, o ChurnOptions) (ChurnReport, error) {
	if err := o.check(); err != nil {
		return ChurnReport{}, err
	}
	s, err := t.connect(ctx)
	if err != nil {
		return ChurnReport{}, err
	}
	// The second slot stays free: it is there to be offered as an alternative.
	stages, err := s.setUp(ctx, 1, 2, o.Capacity)
	if err != nil {
		return ChurnReport{}, err
	}
	c := &churn{session: s, venue: stages[0], options: o}
	if c.request, err = prepare(s.nodes[0].base, c.venue.bookingsPath(), "", bookingOf(c.venue.starts[0]), true); err != nil {
		return ChurnReport{}, err
	}
	report, err := c.run(ctx)
	if err != nil {
		return report, err
	}
	if report.Audit, err = s.audit(ctx, c.venue, nil); err != nil {
		return report, err
	}
	return report, report.verdict()
}

// churn is a fight under way.
type churn struct {
	session *session
	venue   benchVenue
	options ChurnOptions
	request prepared

	tally     tally
	cancelled atomic.Int64
	held      atomic.Int64
	mostHeld  atomic.Int64

	mostListed, listings int // the watcher's
}

func (c *churn) run(ctx context.Context) (ChurnReport, error) {
	callers, err := connect(ctx, c.session.nodes, c.options.Clients, time.Now().Add(c.options.Duration+drainTimeout))
	if err != nil {
		return ChurnReport{}, err
	}
	var took time.Duration
	used, err := c.session.meter.Measure(func() error {
		began := time.Now()
		until := began.Add(c.options.Duration)
		var working sync.WaitGroup
		for i, caller := range callers {
			working.Go(func() { c.work(ctx, i, caller, until) })
		}
		err := c.watch(ctx, until)
		working.Wait()
		took = time.Since(began)
		return errors.Join(err, ctx.Err())
	})
	return ChurnReport{
		Seconds: took.Seconds(), Booked: c.tally.accepted.Load(), Cancelled: c.cancelled.Load(), Refused: c.tally.refused.Load(),
		Alternatives: c.tally.alternatives.Load(), Errors: c.tally.failures(), Capacity: c.options.Capacity,
		MostHeld: c.mostHeld.Load(), MostListed: c.mostListed, Listings: c.listings, Usage: used,
	}, err
}

// work is one client: it books, and soon gives the place back, until the deadline.
func (c *churn) work(ctx context.Context, worker int, caller *caller, deadline time.Time) {
	defer caller.close()
	var buffer []byte
	for turn := 0; time.Now().Before(deadline) && ctx.Err() == nil; turn++ {
		buffer = c.request.request(buffer, worker, turn)
		answer, err := caller.do(ctx, buffer)
		switch {
		case err != nil:
			c.tally.fail(connection)
		case c.tally.count(answer):
			c.hold(1)
			id, token := textOf(answer.body, "id"), textOf(answer.body, "manage_token")
			pause(ctx, rand.N(maxHoldTime))
			c.hold(-1) // before it is asked for: the server may give the place away before its answer is here
			c.cancel(ctx, caller, id, token)
		}
		if wait := pauseAfter(answer, err); wait > 0 {
			pause(ctx, wait)
		}
	}
}

// hold notes a place taken or given back.
func (c *churn) hold(n int64) {
	held := c.held.Add(n)
	for {
		most := c.mostHeld.Load()
		if held <= most || c.mostHeld.CompareAndSwap(most, held) {
			return
		}
	}
}

// cancel gives a booking's place back.
func (c *churn) cancel(ctx context.Context, caller *caller, id, token string) {
	p, err := prepare(c.session.nodes[0].base, c.venue.bookingsPath()+"/"+id+"/cancel", token, struct{}{}, false)
	if err != nil {
		c.tally.fail(err.Error())
		return
	}
	answer, err := caller.do(ctx, p.request(nil, 0, 0))
	switch {
	case err != nil:
		c.tally.fail(connection)
	case answer.status == http.StatusOK:
		c.cancelled.Add(1)
	default:
		c.tally.count(answer)
	}
}

// watch looks again and again how many places are taken: each look is one answer, so it shows one moment.
func (c *churn) watch(ctx context.Context, until time.Time) error {
	date := c.venue.from()
	for time.Now().Before(until) {
		listed := 0
		for b, err := range c.session.nodes[0].client.Bookings(ctx, c.venue.venue, client.BookingsQuery{
			From: date, To: date, Statuses: claimingStatuses, PageSize: auditPage,
		}) {
			if err != nil {
				return fmt.Errorf("look at the bookings: %w", err)
			}
			if b.Start.Equal(c.venue.starts[0]) {
				listed++
			}
		}
		c.mostListed = max(c.mostListed, listed)
		c.listings++
		pause(ctx, 1+rand.N(maxWatchPause))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
