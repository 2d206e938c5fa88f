package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"vacancy/internal/bench/meter"
)

// LargeOptions describe a database with many bookings.
type LargeOptions struct {
	// Few and Many are how many bookings are stored for the two measurements that are compared.
	Few, Many int
	// Venues is over how many venues they are spread.
	Venues int
	// Clients store them side by side.
	Clients int
	// Samples is how many requests of each kind are measured, one after the other.
	Samples int

	days int // how many days the bookings are spread over; zero is largeDays
}

func (o LargeOptions) check() error {
	switch {
	case o.Few < 1 || o.Many < o.Few:
		return errors.New("the bookings must be 1 or more, and no less than the few that they are compared with")
	case o.Venues < 1 || o.Venues > largeVenues:
		return fmt.Errorf("venues must be 1 to %d", largeVenues)
	case o.Clients < 1 || o.Samples < 1:
		return errors.New("clients and samples must be 1 or more")
	}
	return nil
}

// LargeReport is what [Large] measured.
type LargeReport struct {
	// FillSeconds is how long storing all bookings took, and Cancelled how many of them were cancelled.
	FillSeconds float64 `json:"fill_seconds"`
	Cancelled   int64   `json:"cancelled"`
	Few         Stored  `json:"few"`
	Many        Stored  `json:"many"`
	Audit       Audit   `json:"audit"`
}

// Stored is how a server does that was started on so many bookings, which the system has in its page cache.
type Stored struct {
	Bookings int64 `json:"bookings"`
	// Ready is how long after its start, in milliseconds, the server serves, and FirstAnswer when the first month was answered.
	Ready       float64 `json:"ready_ms"`
	FirstAnswer float64 `json:"first_answer_ms"`
	// VenueFirst is the first month asked of each venue, MonthFirst that of each other month, and Month any after that.
	VenueFirst meter.Latency `json:"venue_first"`
	MonthFirst meter.Latency `json:"month_first"`
	Month      meter.Latency `json:"month"`
	// List is a page of 50 bookings from a random date on, Get one random booking.
	List meter.Latency `json:"list"`
	Get  meter.Latency `json:"get"`
	// ServerMemory is resident, after all of that.
	ServerMemory int64 `json:"server_memory_bytes"`
}

// Large stores many bookings through the API, and starts the server again on a few of them and on all: how long until it serves, how
// fast are the reads, how much memory does it take. The error is [ErrBroken] if a slot was oversold, a booking was lost, or the
// calendar is wrong. The server must have one node and is put back to work at the end.
func Large(ctx context.Context, server *Server, o LargeOptions) (report LargeReport, err error) {
	if o.days == 0 {
		o.days = largeDays
	}
	if err := o.check(); err != nil {
		return report, err
	}
	s, err := server.connect(ctx)
	if err != nil {
		return report, err
	}
	slots := o.days * slotsADay
	// Some slots are far more popular than others by chance alone; nobody is to be refused.
	stages, err := s.setUp(ctx, o.Venues, slots, 10+6*o.Many/(o.Venues*slots))
	if err != nil {
		return report, err
	}
	l := &largeRun{server: server, options: o, filling: newFilling(stages)}
	if report.Few, err = l.measure(ctx, s, o.Few); err != nil {
		return report, err
	}
	if report.Many, err = l.measure(ctx, s, o.Many); err != nil {
		return report, err
	}
	report.FillSeconds, report.Cancelled = l.filled.Seconds(), l.filling.cancelled.Load()
	for i, v := range stages {
		audit, err := s.audit(ctx, v, l.filling.acknowledged(i))
		if err != nil {
			return report, err
		}
		report.Audit = report.Audit.plus(audit)
	}
	return report, report.Audit.verdict()
}

// largeRun is a large database under measurement.
type largeRun struct {
	server  *Server
	options LargeOptions
	filling *filling
	filled  time.Duration
}

// measure stores bookings up to a number, starts the server again and asks it for this and that.
func (l *largeRun) measure(ctx context.Context, s *session, bookings int) (Stored, error) {
	took, err := l.filling.fill(ctx, s, l.options.Clients, bookings)
	if err != nil {
		return Stored{}, fmt.Errorf("store %d bookings: %w", bookings, err)
	}
	l.filled += took
	began, ready, err := l.server.restart(ctx)
	if err != nil {
		return Stored{}, err
	}
	r := Stored{Bookings: l.filling.stored.Load(), Ready: meter.Milliseconds(ready)}
	callers, err := connect(ctx, s.nodes, 1, time.Now().Add(fillTimeout))
	if err != nil {
		return r, err
	}
	asking := &asking{caller: callers[0], session: s}
	defer asking.caller.close()
	if err := l.months(ctx, asking, began, &r); err != nil {
		return r, err
	}
	if r.List, err = asking.repeat(ctx, l.options.Samples, l.list); err != nil {
		return r, err
	}
	if r.Get, err = asking.repeat(ctx, l.options.Samples, l.get); err != nil {
		return r, err
	}
	used, err := meter.Process(l.server.Nodes[0].PID)
	r.ServerMemory = used.Memory
	return r, err
}

// months asks for each month of each venue once, and then again and again.
func (l *largeRun) months(ctx context.Context, a *asking, began time.Time, r *Stored) error {
	var venueFirst, monthFirst meter.Histogram
	for month := range l.options.days / monthDays {
		h := &monthFirst
		if month == 0 {
			h = &venueFirst
		}
		for _, v := range l.filling.stages {
			if err := a.ask(ctx, h, v.monthPath(month)); err != nil {
				return err
			}
			if r.FirstAnswer == 0 {
				r.FirstAnswer = meter.Milliseconds(time.Since(began))
			}
		}
	}
	r.VenueFirst, r.MonthFirst = venueFirst.Summary(), monthFirst.Summary()
	var err error
	r.Month, err = a.repeat(ctx, l.options.Samples, func() string {
		return l.anyVenue().monthPath(rand.IntN(l.options.days / monthDays))
	})
	return err
}

func (l *largeRun) anyVenue() benchVenue { return l.filling.stages[rand.IntN(len(l.filling.stages))] }

// list is the path of a page of a venue's bookings from a random date on.
func (l *largeRun) list() string {
	v := l.anyVenue()
	from := v.starts[rand.IntN(len(v.starts))].Format(time.DateOnly)
	return fmt.Sprintf("%s?from=%s&limit=%d", v.bookingsPath(), from, listPage)
}

// get is the path of a random booking.
func (l *largeRun) get() string {
	b := l.filling.sample[rand.IntN(len(l.filling.sample))]
	return "/v1/venues/" + b.venue + "/bookings/" + b.id
}

// monthPath asks for the availability of the stage's n-th month.
func (s benchVenue) monthPath(n int) string {
	from := s.starts[0].AddDate(0, 0, n*monthDays)
	return fmt.Sprintf("/v1/venues/%s/services/%s/availability?from=%s&to=%s&party_size=1", s.venue, service,
		from.Format(time.DateOnly), from.AddDate(0, 0, monthDays-1).Format(time.DateOnly))
}

// asking is one client that reads.
type asking struct {
	caller  *caller
	session *session
	buffer  []byte
}

// ask gets a path and counts how long that took.
func (a *asking) ask(ctx context.Context, h *meter.Histogram, path string) error {
	a.buffer = prepareGet(a.session.nodes[0].base, path, a.session.key).request(a.buffer, 0, 0)
	began := time.Now()
	answer, err := a.caller.do(ctx, a.buffer)
	if err != nil {
		return err
	}
	h.Add(time.Since(began))
	if answer.status != http.StatusOK {
		return fmt.Errorf("GET %s is answered with %d %s", path, answer.status, textOf(answer.body, "code"))
	}
	return nil
}

// repeat asks for paths, one after the other.
func (a *asking) repeat(ctx context.Context, times int, path func() string) (meter.Latency, error) {
	var h meter.Histogram
	for range times {
		if err := a.ask(ctx, &h, path()); err != nil {
			return meter.Latency{}, err
		}
	}
	return h.Summary(), ctx.Err()
}
