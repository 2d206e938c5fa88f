package rabbitbus

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"vacancy/internal/bus"
)

// notes writes the log: what is new at once, and what goes on every [logInterval].
type notes struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[note]time.Time
}

// note is a line of the log. The details of one condition may take turns.
type note struct{ message, detail string }

func newNotes(log *slog.Logger) *notes { return &notes{log: log, last: make(map[note]time.Time)} }

func (n *notes) connected(e *endpoint) {
	n.forget(unconnectedMessage)
	n.log.Info("connected to RabbitMQ", "address", e.address, "virtual_host", e.virtualHost, "user", e.user, "tls", e.tls)
}

func (n *notes) lost(err error) {
	n.log.Warn("the connection to RabbitMQ is lost; connecting again", "error", err)
}

const unconnectedMessage = "no connection to RabbitMQ; events wait in the database"

func (n *notes) unconnected(err error) {
	n.note(levelOf(err), unconnectedMessage, err.Error(), "error", err)
}

func (n *notes) refused(err error) {
	n.note(levelOf(err), "RabbitMQ refuses events", err.Error(), "error", err)
}

func (n *notes) blocked(e *endpoint, reason string) {
	n.log.Warn("RabbitMQ takes no events while an alarm of its is on; they wait in the database", "address", e.address, "reason", reason)
}

func (n *notes) unblocked(e *endpoint) {
	n.log.Info("RabbitMQ takes events again", "address", e.address)
}

func (n *notes) unrouted(exchange, key string, events int) {
	n.note(slog.LevelWarn, "events are published and reach nobody: no queue is bound to the exchange that takes them", "",
		"exchange", exchange, "routing_key", key, "events", events)
}

func (n *notes) noHints(err error) {
	n.note(slog.LevelWarn, "nodes do not hint each other by RabbitMQ", err.Error(), "error", err)
}

func levelOf(err error) slog.Level {
	if errors.Is(err, bus.ErrMisconfigured) {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// note writes a line, unless the last with this message and detail is recent.
func (n *notes) note(level slog.Level, message, detail string, args ...any) {
	if n.due(note{message, detail}, time.Now()) {
		n.log.Log(context.Background(), level, message, args...) //nolint:sloglint // each caller has a constant
	}
}

func (n *notes) due(line note, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.DeleteFunc(n.last, func(_ note, at time.Time) bool { return now.Sub(at) >= logInterval })
	_, recent := n.last[line]
	if !recent {
		n.last[line] = now
	}
	return !recent
}

// forget has the next line with this message written in any case.
func (n *notes) forget(message string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.DeleteFunc(n.last, func(line note, _ time.Time) bool { return line.message == message })
}
