package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/client"
	"vacancy/internal/bench/meter"
)

// LiveOptions describe a load of readers.
type LiveOptions struct {
	// Readers follow one calendar at the same time.
	Readers int
	// Changes are how many bookings a second are made in it.
	Changes int
	// Days are how many days of 48 slots the calendar shows.
	Days     int
	Duration time.Duration
	// Slots is how many of the calendar's slots are booked; zero is all.
	Slots int
	// WebSocket chooses that transport instead of server-sent events.
	WebSocket bool

	settle time.Duration // how long readers may take to get the last change; zero is settleTimeout
}

func (o LiveOptions) check() error {
	switch {
	case o.Readers < 1 || o.Changes < 1 || o.Duration <= 0:
		return errors.New("readers, changes and the time must be more than 0")
	case o.Days < 1 || o.Days > auditDays:
		return fmt.Errorf("days must be 1 to %d", auditDays)
	case o.Slots < 0 || o.Slots > o.Days*slotsADay:
		return fmt.Errorf("slots must be 1 to %d, or 0 for all", o.Days*slotsADay)
	}
	return nil
}

// LiveReport is what [Live] measured.
type LiveReport struct {
	Seconds float64 `json:"seconds"`
	Readers int     `json:"readers"`
	// Changes are the bookings that were made, Errors what else was answered.
	Changes int64            `json:"changes"`
	Errors  map[string]int64 `json:"errors"`
	// Frames are all that readers got while the load ran.
	Frames          int64   `json:"frames"`
	FramesPerSecond float64 `json:"frames_per_second"`
	// UpdateLatency is from the commit of the oldest change in a frame until a reader had the frame.
	UpdateLatency meter.Latency `json:"update_latency"`
	// BookingLatency is that of the bookings which made the changes.
	BookingLatency meter.Latency `json:"booking_latency"`
	// Missed are readers whose picture is not what a fresh GET says, after things settled. Cut are those that lost their
	// connection; they are among Missed unless they had the last change.
	Missed int `json:"missed"`
	Cut    int `json:"cut"`
	// Settled is how long after the last change all readers had it, in milliseconds.
	Settled float64 `json:"settled_ms"`
	// CPUPerFrame is the server's, bookings included, in microseconds.
	CPUPerFrame float64 `json:"server_cpu_us_per_frame"`
	// MemoryPerReader is by how much the server grew while the readers came, for each of them.
	MemoryPerReader int64       `json:"server_memory_bytes_per_reader"`
	Usage           meter.Usage `json:"usage"`
	Audit           Audit       `json:"audit"`
}

func (r LiveReport) verdict() error {
	if r.Missed > 0 {
		return fmt.Errorf("%w: %d of %d readers do not have what a fresh answer says", ErrBroken, r.Missed, r.Readers)
	}
	return r.Audit.verdict()
}

// Live has many readers follow a calendar that changes, and compares what they have in the end with a fresh answer. The error is
// [ErrBroken] if they differ. If there are several nodes, the bookings are made at the first and the readers are at the others.
func Live(ctx context.Context, t Target, o LiveOptions) (LiveReport, error) {
	if err := o.check(); err != nil {
		return LiveReport{}, err
	}
	s, err := t.connect(ctx)
	if err != nil {
		return LiveReport{}, err
	}
	stages, err := s.setUp(ctx, 1, o.Days*slotsADay, liveCapacity)
	if err != nil {
		return LiveReport{}, err
	}
	l := &liveLoad{session: s, venue: stages[0], options: o, frames: newFrames()}
	return l.run(ctx)
}

// readAt are the nodes where the readers are.
func (l *liveLoad) readAt() []*node {
	if len(l.session.nodes) == 1 {
		return l.session.nodes
	}
	return l.session.nodes[1:]
}

// liveLoad is a load of readers under way.
type liveLoad struct {
	session *session
	venue   benchVenue
	options LiveOptions
	frames  *frames
	audience
	booked bookLoad
}

// audience are the readers, and what they count together.
type audience struct {
	readers   []*reader
	received  atomic.Int64
	latency   meter.Histogram
	cut       atomic.Int64
	counting  atomic.Bool // while the load runs
	listening sync.WaitGroup
}

func (l *liveLoad) run(ctx context.Context) (LiveReport, error) {
	before, err := l.session.used(ctx)
	if err != nil {
		return LiveReport{}, err
	}
	reading, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		l.listening.Wait()
	}()
	if err := l.gather(reading); err != nil {
		return LiveReport{}, err
	}
	full, err := l.session.used(ctx)
	if err != nil {
		return LiveReport{}, err
	}
	report := LiveReport{Readers: l.options.Readers, MemoryPerReader: (full.Memory - before.Memory) / int64(l.options.Readers)}
	if err := l.change(ctx, &report); err != nil {
		return report, err
	}
	if err := l.settle(ctx, &report); err != nil {
		return report, err
	}
	if report.Audit, err = l.session.audit(ctx, l.venue, l.booked.acknowledged(0)); err != nil {
		return report, err
	}
	return report, report.verdict()
}

// change makes changes while everybody reads.
func (l *liveLoad) change(ctx context.Context, report *LiveReport) (err error) {
	booked := l.venue
	booked.starts = booked.starts[:cmp.Or(l.options.Slots, len(booked.starts))]
	l.booked.session, l.booked.options = l.session, BookOptions{Slots: len(booked.starts), Duration: l.options.Duration}
	if err := l.booked.aim(booked); err != nil {
		return err
	}
	var took time.Duration
	report.Usage, err = l.session.meter.Measure(func() error {
		l.counting.Store(true)
		began := time.Now()
		err := l.booked.bookAtRate(ctx, l.session.nodes[:1], l.options.Changes, began.Add(l.options.Duration))
		took = time.Since(began)
		l.counting.Store(false)
		return err
	})
	report.Seconds, report.Frames = took.Seconds(), l.received.Load()
	report.FramesPerSecond = perSecond(report.Frames, took)
	report.UpdateLatency, report.BookingLatency = l.latency.Summary(), l.booked.tally.latency.Summary()
	report.Changes, report.Errors = l.booked.tally.accepted.Load(), l.booked.tally.failures()
	report.CPUPerFrame = report.Usage.ServerCPU * 1e6 / float64(max(report.Frames, 1))
	return err
}

// settle waits until every reader has what a fresh answer says, and counts those that never do.
func (l *liveLoad) settle(ctx context.Context, report *LiveReport) error {
	q := l.venue.query()
	position, err := l.session.latestPosition(ctx, l.venue)
	if err != nil {
		return err
	}
	q.AtLeast = position
	fresh, err := l.readAt()[0].client.Availability(ctx, q)
	if err != nil {
		return fmt.Errorf("ask for the availability: %w", err)
	}
	began := time.Now()
	for waiting := l.readers; ; {
		var behind []*reader
		for _, r := range waiting {
			if !r.has(fresh) {
				behind = append(behind, r)
			}
		}
		waiting = behind
		if len(waiting) == 0 || time.Since(began) > cmp.Or(l.options.settle, settleTimeout) || ctx.Err() != nil {
			report.Missed, report.Cut, report.Settled = len(waiting), int(l.cut.Load()), meter.Milliseconds(time.Since(began))
			return ctx.Err()
		}
		pause(ctx, settlePoll)
	}
}

// has tells whether the reader's picture is that of a fresh answer.
func (r *reader) has(fresh client.Availability) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.Matches(fresh)
}
