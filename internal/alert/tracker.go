package alert

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Severity says how soon a person is needed.
type Severity string

// The severities.
const (
	// Warning: within the day. Customers are served.
	Warning Severity = "warning"
	// Critical: now. Customers are not served, or something may be lost.
	Critical Severity = "critical"
)

// Alert is one condition that needs a person.
type Alert struct {
	// Key names the condition, the same on every node. Subject tells apart what it is true of, such as hosts; it may be empty.
	Key, Subject string
	Severity     Severity
	// Text is a sentence for a person.
	Text string
	// Since is when it began.
	Since time.Time
	// ResolvedAt is when it ended; zero while it is active.
	ResolvedAt time.Time
}

// id is what makes two alerts the same.
type id struct{ key, subject string }

func (a Alert) id() id { return id{a.Key, a.Subject} }

// active tells whether it has not ended.
func (a Alert) active() bool { return a.ResolvedAt.IsZero() }

// sameAs tells whether two say of the same active condition that it is as severe.
func (a Alert) sameAs(b Alert) bool {
	return a.active() && b.active() && a.id() == b.id() && a.Severity == b.Severity && a.Since.Equal(b.Since)
}

// Meter counts alerts.
type Meter interface {
	// AlertBegan and AlertEnded are told of each alert. One that changes its severity ends, and another begins.
	AlertBegan(key, severity string)
	AlertEnded(key, severity string)
	// AlertSent counts a notification by how it ended: "sent", "failed", "dropped"; "paused" is one that was not tried.
	AlertSent(notifier, outcome string)
}

// Config is what a Tracker needs.
type Config struct {
	Log   *slog.Logger
	Meter Meter
	// Notifiers are told of each alert that begins or ends. There may be none.
	Notifiers []Notifier
}

// Tracker knows which alerts are active on this node. Its methods may be called from any goroutine.
type Tracker struct {
	log     *slog.Logger
	meter   Meter
	senders []*sender

	mu     sync.Mutex
	active map[id]Alert
	// sources are the alerts that each source of [Tracker.Set] has raised.
	sources map[string][]id
}

// New makes a tracker. Nobody is notified before Start.
func New(c Config) *Tracker {
	t := &Tracker{log: c.Log, meter: c.Meter, active: make(map[id]Alert), sources: make(map[string][]id)}
	for _, n := range c.Notifiers {
		t.senders = append(t.senders, newSender(n, c.Log, c.Meter))
	}
	return t
}

// Start begins to notify.
func (t *Tracker) Start() {
	for _, s := range t.senders {
		s.start()
	}
}

// Pause has nobody notified from now on of what begins; what waits to be sent is withdrawn. Who was notified of an alert before is notified
// of its end. The log and the metric go on.
func (t *Tracker) Pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.senders {
		s.pause()
	}
}

// Resume ends a pause, if there is one. Who was not notified of what is still active, is now.
func (t *Tracker) Resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	active := t.sorted()
	for _, s := range t.senders {
		s.resume(active)
	}
}

// Close ends notifying, once what was raised has been sent or after two seconds. Alerts that are still active are not resolved: they may
// be true after the restart. It may be called more than once, and without Start.
func (t *Tracker) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range t.senders {
		all.Go(func() { s.close(ctx) })
	}
	all.Wait()
}

// Warning raises an alert that needs a person within the day.
func (t *Tracker) Warning(key, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raise(Alert{Key: key, Severity: Warning, Text: text})
}

// Critical raises an alert that needs a person now.
func (t *Tracker) Critical(key, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raise(Alert{Key: key, Severity: Critical, Text: text})
}

// Resolve ends an alert. Nothing happens if it is not active.
func (t *Tracker) Resolve(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.resolve(id{key: key})
}

// Set says which alerts of a source are active: those are raised, and what it has set before and is not among them is resolved. It is for
// checks that find all that is wrong at once. Of each alert the key, subject, severity and text count.
func (t *Tracker) Set(source string, alerts []Alert) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ids := make([]id, 0, len(alerts))
	for _, a := range alerts {
		t.raise(a)
		ids = append(ids, a.id())
	}
	for _, before := range t.sources[source] {
		if !slices.Contains(ids, before) {
			t.resolve(before)
		}
	}
	t.sources[source] = ids
}

// raise begins an alert, or notes what it says now. mu is held.
func (t *Tracker) raise(a Alert) {
	a.Text = sentence(a.Text)
	before, isActive := t.active[a.id()]
	if isActive && before.Severity == a.Severity {
		before.Text = a.Text
		t.active[a.id()] = before
		return
	}
	if !isActive && len(t.active) >= maxActive {
		t.log.Error("an alert is not tracked: too many are active", "key", a.Key, "text", a.Text)
		return
	}
	a.Since, a.ResolvedAt = time.Now(), time.Time{}
	level := slog.LevelWarn
	if a.Severity == Critical {
		level = slog.LevelError
	}
	if isActive {
		a.Since = before.Since
		t.meter.AlertEnded(before.Key, string(before.Severity))
	}
	t.active[a.id()] = a
	t.log.LogAttrs(context.Background(), level, "alert raised", a.attributes()...)
	t.meter.AlertBegan(a.Key, string(a.Severity))
	t.enqueue(a)
}

// resolve ends an alert. mu is held.
func (t *Tracker) resolve(which id) {
	a, isActive := t.active[which]
	if !isActive {
		return
	}
	delete(t.active, which)
	a.ResolvedAt = time.Now()
	t.log.LogAttrs(context.Background(), slog.LevelInfo, "alert resolved",
		append(a.attributes(), slog.Duration("after", a.ResolvedAt.Sub(a.Since).Round(time.Millisecond)))...)
	t.meter.AlertEnded(a.Key, string(a.Severity))
	t.enqueue(a)
}

// attributes are those of a line of the log.
func (a Alert) attributes() []slog.Attr {
	attributes := []slog.Attr{slog.String("key", a.Key)}
	if a.Subject != "" {
		attributes = append(attributes, slog.String("subject", a.Subject))
	}
	return append(attributes, slog.String("severity", string(a.Severity)), slog.String("text", a.Text))
}

func (t *Tracker) enqueue(a Alert) {
	for _, s := range t.senders {
		s.enqueue(a)
	}
}

// Active are the active alerts, the oldest first.
func (t *Tracker) Active() []Alert {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sorted()
}

// sorted are the active alerts, the oldest first. mu is held.
func (t *Tracker) sorted() []Alert {
	active := make([]Alert, 0, len(t.active))
	for _, a := range t.active {
		active = append(active, a)
	}
	slices.SortFunc(active, func(a, b Alert) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Subject, b.Subject))
	})
	return active
}
