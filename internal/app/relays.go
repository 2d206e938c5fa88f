package app

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/alert"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/desk"
	"vacancy/internal/outbox"
	"vacancy/internal/telemetry"
	"vacancy/internal/view"
)

// What is committed leaves as events: by one relay for each bus, a broker or the venues' webhooks. Nothing of a booking waits for them.

// The alerts of events that do not reach a bus. Their subject is the bus.
const (
	alertBusFailing       = "bus_failing"
	alertBusMisconfigured = "bus_misconfigured"
	alertEventsLeftOut    = "events_left_out"
)

// busRelay carries events to one bus.
type busRelay struct {
	*outbox.Relay
	name  string
	meter *outboxMeter

	mu sync.Mutex
	// paused: what goes to the outside is held back. idle: nobody wants events of the bus. The relay does nothing then.
	paused, idle bool
}

// relays are those of a server.
type relays []*busRelay

// committed tells all of them that a venue has reached a revision, by a commit of this node or as another has told.
func (r relays) committed(venue booking.VenueID, revision booking.Revision) {
	for i := range r {
		r[i].Committed(venue, revision)
	}
}

// setPaused has nothing published, as in a database that is a copy, or ends that.
func (r relays) setPaused(paused bool) {
	for i := range r {
		r[i].setPaused(paused)
	}
}

func (r *busRelay) setPaused(paused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused = paused
	r.apply()
}

func (r *busRelay) setIdle(idle bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = idle
	r.apply()
}

func (r *busRelay) isIdle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.idle
}

// apply has the relay rest or work. mu is held.
func (r *busRelay) apply() {
	if r.paused || r.idle {
		r.Pause()
	} else {
		r.Resume()
	}
}

// states are what metrics show.
func (r relays) states() []telemetry.OutboxState {
	all := make([]telemetry.OutboxState, len(r))
	for i := range r {
		s := r[i].Status()
		all[i] = telemetry.OutboxState{
			Bus: r[i].name, Venues: float64(s.Venues), Changes: float64(s.Revisions), Most: float64(s.LagRevisions),
			Delayed: float64(s.Delayed), Oldest: s.Lag, Failing: s.Bus != nil, Misconfigured: s.BusMisconfigured, Leases: float64(s.Leases),
			Idle: r[i].isIdle(),
		}
	}
	return all
}

// committingView is the view as the desk has it: what is committed is told to the relays, too.
type committingView struct {
	*view.View
	relays relays
}

// Apply takes a change that was committed.
func (v committingView) Apply(ctx context.Context, c booking.Change) {
	v.View.Apply(ctx, c)
	v.relays.committed(c.Venue, c.Revision)
}

// deskView is the view that the desk works with.
func (a *App) deskView() desk.View { return committingView{a.view, a.relays} }

// buildRelays makes the relays, which do nothing yet. Their pictures are their own, so that they evict none of those that customers read.
func (a *App) buildRelays() error {
	a.eventPictures = view.New(view.Config{
		Store: a.database, Now: time.Now, Log: a.log, MaxVenues: a.config.MaxVenues, FindDatabase: a.database.find,
	})
	a.relays = nil
	if a.broker != nil {
		a.addRelay(string(a.config.BusKind()), a.broker, nil)
	}
	if err := a.buildWebhooks(); err != nil {
		return err
	}
	a.addRelay(webhooksName, a.webhooks.Bus, a.webhooks.wanted).setIdle(true)
	return nil
}

func (a *App) addRelay(name string, to bus.Bus, wanted outbox.Wanted) *busRelay {
	meter := &outboxMeter{OutboxBus: a.telemetry.Outbox.Of(name, texts(outbox.FailureKinds), texts(outbox.GapReasons))}
	r := &busRelay{
		name: name, meter: meter,
		Relay: outbox.New(outbox.Config{
			Store: a.database, Pictures: a.eventPictures, Bus: to, Name: name, Now: a.view.Now, Log: a.log, Meter: meter, Wanted: wanted,
			Paused: true, CursorInterval: a.database.cursorInterval,
		}),
	}
	a.relays = append(a.relays, r)
	return r
}

// runRelays runs the relays until ctx ends.
func (a *App) runRelays(ctx context.Context) {
	a.relays.setPaused(a.outboxPaused.Load())
	for _, r := range a.relays {
		a.background.Go(func() { r.Run(ctx) })
	}
	a.background.Go(func() { a.eventPictures.RunPruning(ctx) })
	a.background.Go(func() { a.webhooks.Run(ctx) })
	a.background.Go(func() { a.watchRelays(ctx) })
}

// watchRelays raises alerts when events do not get through, and lets the relay to webhooks rest while there are none.
func (a *App) watchRelays(ctx context.Context) {
	ticker := time.NewTicker(relayCheckInterval)
	defer ticker.Stop()
	for {
		a.webhooks.check(ctx)
		for _, r := range a.relays {
			a.alerts.Set("relay of "+r.name, r.alerts(time.Now()))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// alerts are those of the relay that are active now.
func (r *busRelay) alerts(now time.Time) (all []alert.Alert) {
	s := r.Status()
	switch {
	case s.BusMisconfigured:
		all = append(all, alert.Alert{Key: alertBusMisconfigured, Subject: r.name, Severity: alert.Critical, Text: fmt.Sprintf(
			"events wait until %s is set up otherwise: %v", r.name, s.Bus)})
	case s.Bus != nil && now.Sub(s.BusFailingSince) >= busAlertAfter:
		all = append(all, alert.Alert{Key: alertBusFailing, Subject: r.name, Severity: alert.Warning, Text: fmt.Sprintf(
			"events wait: %s has not confirmed any since %s: %v", r.name, s.BusFailingSince.UTC().Format(time.RFC3339), s.Bus)})
	}
	if at := r.meter.lastLeftOut.Load(); at != nil && now.Sub(at.at) < leftOutAlertFor {
		all = append(all, alert.Alert{Key: alertEventsLeftOut, Subject: r.name, Severity: alert.Warning, Text: fmt.Sprintf(
			"%d changes were not told by %s (%s), and consumers were told that there is a gap: the log names the venue", at.changes, r.name,
			at.reason)})
	}
	return all
}

// outboxMeter counts what a relay does.
type outboxMeter struct {
	telemetry.OutboxBus
	lastLeftOut atomic.Pointer[leftOut]
}

// leftOut are changes that were not told.
type leftOut struct {
	reason  outbox.GapReason
	changes int
	at      time.Time
}

func (m *outboxMeter) Published(name bus.Name, n int) { m.OutboxBus.Published(string(name), n) }
func (m *outboxMeter) Rejected(name bus.Name)         { m.OutboxBus.Rejected(string(name)) }
func (m *outboxMeter) Failed(kind outbox.FailureKind) { m.OutboxBus.Failed(string(kind)) }
func (m *outboxMeter) LeftOut(reason outbox.GapReason, changes int) {
	m.OutboxBus.LeftOut(string(reason), changes)
	m.lastLeftOut.Store(&leftOut{reason, changes, time.Now()})
}

// texts are values as plain texts.
func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}
