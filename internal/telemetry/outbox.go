package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Outbox measures how events reach each bus.
type Outbox struct {
	published, unrouted, rejected, leftOut, failures, resets, leasesTaken, leasesLost *prometheus.CounterVec
	lag                                                                               *prometheus.HistogramVec
	state                                                                             *readings
}

const (
	outboxUnsentVenues   = "vacancy_outbox_unsent_venues"
	outboxUnsentChanges  = "vacancy_outbox_unsent_changes"
	outboxMostBehind     = "vacancy_outbox_most_changes_behind"
	outboxOldestUnsent   = "vacancy_outbox_oldest_unsent_seconds"
	outboxDelayedVenues  = "vacancy_outbox_delayed_venues"
	outboxBusFailing     = "vacancy_outbox_bus_failing"
	outboxBusNeedsPerson = "vacancy_outbox_bus_misconfigured"
	outboxLeases         = "vacancy_outbox_leases"
)

func newOutbox(d *definitions) Outbox {
	s := d.section("Events to the outside")
	bus := Label{"bus", "`rabbitmq`, `nats`, `kafka` or `webhooks`"}
	gauge := func(name, help string) Definition { return Definition{Name: name, Help: help, Labels: []Label{bus}} }
	return Outbox{
		published: s.counters("vacancy_outbox_events_total", "Events that the bus has confirmed, repeats among them.",
			bus, Label{"event", "its name, as in `booking.confirmed`"}),
		lag: s.histograms("vacancy_outbox_lag_seconds",
			"Age of the oldest change of a batch of events when the bus confirmed it, counted from its commit.", eventTimes, bus),
		failures: s.counters("vacancy_outbox_failures_total", "What went wrong on the way of events, and is tried again.",
			bus, Label{"kind", "`publish`: the bus did not confirm; `misconfigured`: it refuses until it is set up otherwise; `read`, `scan`, " +
				"`cursors`, `leases`: of the database; `picture`, `events`: of what is made of changes"}),
		unrouted: s.counters("vacancy_outbox_unrouted_total", "Events that the broker accepted and gave to nobody: no queue takes them.", bus),
		rejected: s.counters("vacancy_outbox_rejected_total", "Events that the bus will never accept. Consumers are told that there is a gap.",
			bus, Label{"event", "its name"}),
		leftOut: s.counters("vacancy_outbox_left_out_total", "Changes of which no events were sent. Consumers are told that there is a gap.",
			bus, Label{"reason", "`trimmed`: deleted before they were sent; `damaged`: stored values that cannot be read; `unmakeable`: no " +
				"events could be made; `rejected`: the bus does not accept one"}),
		resets: s.counters("vacancy_outbox_resets_total", "Venues whose consumers were told that another history of the database begins.", bus),
		leasesTaken: s.counters("vacancy_outbox_leases_taken_total",
			"Leases of a part of the venues that this server has taken, from others or as the first.", bus),
		leasesLost: s.counters("vacancy_outbox_leases_lost_total", "Leases that this server has lost, or could not renew in time.", bus),
		state: s.readings(
			gauge(outboxUnsentVenues, "Venues with something unsent, as far as this server knows."),
			gauge(outboxUnsentChanges, "Changes of these that are not sent."),
			gauge(outboxMostBehind, "Most changes of one venue that are not sent."),
			gauge(outboxOldestUnsent, "Age of the oldest change that is not sent; 0 if all are."),
			gauge(outboxDelayedVenues, "Venues that wait before the next try, after an error of their own."),
			gauge(outboxBusFailing, "1 while the bus does not confirm events. They wait in the database."),
			gauge(outboxBusNeedsPerson, "1 while the bus refuses events until a person sets it up otherwise."),
			gauge(outboxLeases, "Leases that this server has, of 64 that all servers of a database share. Not there while no venue has webhooks."),
		),
	}
}

// OutboxState is how the events of one bus are doing at a moment.
type OutboxState struct {
	Bus                            string
	Venues, Changes, Most, Delayed float64
	Oldest                         time.Duration
	Failing, Misconfigured         bool
	Leases                         float64
	// Idle: nobody wants events of the bus, so leases are of no concern.
	Idle bool
}

// Read has the state of all buses shown.
func (o Outbox) Read(states func() []OutboxState) {
	o.state.from(func(show show) {
		for _, s := range states() {
			show(outboxUnsentVenues, s.Venues, s.Bus)
			show(outboxUnsentChanges, s.Changes, s.Bus)
			show(outboxMostBehind, s.Most, s.Bus)
			show(outboxOldestUnsent, max(0, s.Oldest.Seconds()), s.Bus)
			show(outboxDelayedVenues, s.Delayed, s.Bus)
			show(outboxBusFailing, oneIf(s.Failing), s.Bus)
			show(outboxBusNeedsPerson, oneIf(s.Misconfigured), s.Bus)
			if !s.Idle {
				show(outboxLeases, s.Leases, s.Bus)
			}
		}
	})
}

// Of is for one bus. Its counters begin at 0 for what is listed.
func (o Outbox) Of(bus string, failureKinds, gapReasons []string) OutboxBus {
	of := []string{bus}
	fromZero(o.failures, of, failureKinds)
	fromZero(o.leftOut, of, gapReasons)
	for _, c := range []*prometheus.CounterVec{o.unrouted, o.resets, o.leasesTaken, o.leasesLost} {
		fromZero(c, of)
	}
	return OutboxBus{o, bus}
}

// OutboxBus measures how events reach one bus.
type OutboxBus struct {
	outbox Outbox
	bus    string
}

// Published counts events that were confirmed.
func (b OutboxBus) Published(event string, n int) {
	b.outbox.published.WithLabelValues(b.bus, event).Add(float64(n))
}

// Confirmed takes the time from the commit of a batch's oldest change to the confirmation.
func (b OutboxBus) Confirmed(lag time.Duration) {
	b.outbox.lag.WithLabelValues(b.bus).Observe(lag.Seconds())
}

// Unrouted counts events that nobody gets.
func (b OutboxBus) Unrouted(n int) { b.outbox.unrouted.WithLabelValues(b.bus).Add(float64(n)) }

// Rejected counts an event that will never be accepted.
func (b OutboxBus) Rejected(event string) { b.outbox.rejected.WithLabelValues(b.bus, event).Inc() }

// LeftOut counts changes that are not told.
func (b OutboxBus) LeftOut(reason string, changes int) {
	b.outbox.leftOut.WithLabelValues(b.bus, reason).Add(float64(changes))
}

// Reset counts a venue that has another history.
func (b OutboxBus) Reset() { b.outbox.resets.WithLabelValues(b.bus).Inc() }

// Failed counts what is tried again.
func (b OutboxBus) Failed(kind string) { b.outbox.failures.WithLabelValues(b.bus, kind).Inc() }

// TakenOver counts leases that were taken.
func (b OutboxBus) TakenOver(leases int) {
	b.outbox.leasesTaken.WithLabelValues(b.bus).Add(float64(leases))
}

// Lost counts leases that were lost.
func (b OutboxBus) Lost(leases int) { b.outbox.leasesLost.WithLabelValues(b.bus).Add(float64(leases)) }
