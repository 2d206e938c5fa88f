package alert

import (
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
	// Key names the condition.
	Key      string
	Severity Severity
	// Text is a sentence for a person.
	Text string
	// Since is when it began.
	Since time.Time
	// ResolvedAt is when it ended; zero while it is active.
	ResolvedAt time.Time
}

// Meter counts alerts.
type Meter interface {
	// AlertActive is told when an alert begins, ends or changes its severity.
	AlertActive(key, severity string, active bool)
	// AlertSent counts a notification by how it ended: "sent", "failed", "dropped".
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
	active map[string]Alert
}

// New makes a tracker. Nobody is notified before Start.
func New(c Config) *Tracker {
	t := &Tracker{log: c.Log, meter: c.Meter, active: make(map[string]Alert)}
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
func (t *Tracker) Warning(key, text string) { t.raise(key, Warning, text) }

// Critical raises an alert that needs a person now.
func (t *Tracker) Critical(key, text string) { t.raise(key, Critical, text) }

func (t *Tracker) raise(key string, severity Severity, text string) {
	text = sentence(text)
	t.mu.Lock()
	defer t.mu.Unlock()
	before, isActive := t.active[key]
	if isActive && before.Severity == severity {
		before.Text = text
		t.active[key] = before
		return
	}
	if !isActive && len(t.active) >= maxActive {
		t.log.Error("an alert is not tracked: too many are active", "key", key, "text", text)
		return
	}
	raised := Alert{Key: key, Severity: severity, Text: text, Since: time.Now()}
	level := slog.LevelWarn
	if severity == Critical {
		level = slog.LevelError
	}
	if isActive {
		raised.Since = before.Since
		t.meter.AlertActive(key, string(before.Severity), false)
	}
	t.active[key] = raised
	t.log.Log(context.Background(), level, "alert raised", "key", key, "severity", string(severity), "text", text)
	t.meter.AlertActive(key, string(severity), true)
	t.enqueue(raised)
}

// Resolve ends an alert. Nothing happens if it is not active.
func (t *Tracker) Resolve(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ended, isActive := t.active[key]
	if !isActive {
		return
	}
	delete(t.active, key)
	ended.ResolvedAt = time.Now()
	t.log.Info("alert resolved", "key", key, "severity", string(ended.Severity), "text", ended.Text,
		"after", ended.ResolvedAt.Sub(ended.Since).Round(time.Millisecond))
	t.meter.AlertActive(key, string(ended.Severity), false)
	t.enqueue(ended)
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
	active := make([]Alert, 0, len(t.active))
	for _, a := range t.active {
		active = append(active, a)
	}
	slices.SortFunc(active, func(a, b Alert) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	return active
}
