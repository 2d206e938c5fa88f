package rabbitbus

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"vacancy/internal/bus"
)

// notes writes the log: what has changed at once, and what has not every [logInterval].
type notes struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[string]note // by message
}

type note struct {
	detail string
	at     time.Time
}

func newNotes(log *slog.Logger) *notes { return &notes{log: log, last: make(map[string]note)} }

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

// note writes a line, unless the last with this message had the same detail and is recent.
func (n *notes) note(level slog.Level, message, detail string, args ...any) {
	now := time.Now()
	n.mu.Lock()
	last, known := n.last[message]
	due := !known || last.detail != detail || now.Sub(last.at) >= logInterval
	if due {
		n.last[message] = note{detail: detail, at: now}
	}
	n.mu.Unlock()
	if due {
		n.log.Log(context.Background(), level, message, args...) //nolint:sloglint // each caller has a constant
	}
}

// forget has the next line with this message written in any case.
func (n *notes) forget(message string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.last, message)
}
