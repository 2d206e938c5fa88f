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

// throttledLog writes the log: what is new at once, and what goes on every [logInterval].
type throttledLog struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[logLine]time.Time
}

// logLine is a line of the log. The details of one condition may take turns.
type logLine struct{ message, detail string }

func newThrottledLog(log *slog.Logger) *throttledLog {
	return &throttledLog{log: log, last: make(map[logLine]time.Time)}
}

func (l *throttledLog) connected(e *endpoint) {
	l.forget(unconnectedMessage)
	l.log.Info("connected to RabbitMQ", "address", e.address, "virtual_host", e.virtualHost, "user", e.user, "tls", e.tls)
}

func (l *throttledLog) lost(err error) {
	l.log.Warn("the connection to RabbitMQ is lost; connecting again", "error", err)
}

const unconnectedMessage = "no connection to RabbitMQ; events wait in the database"

func (l *throttledLog) unconnected(err error) {
	l.write(levelOf(err), unconnectedMessage, err.Error(), "error", err)
}

func (l *throttledLog) refused(err error) {
	l.write(levelOf(err), "RabbitMQ refuses events", err.Error(), "error", err)
}

func (l *throttledLog) blocked(e *endpoint, reason string) {
	l.log.Warn("RabbitMQ takes no events while an alarm of its is on; they wait in the database", "address", e.address, "reason", reason)
}

func (l *throttledLog) unblocked(e *endpoint) {
	l.log.Info("RabbitMQ takes events again", "address", e.address)
}

func (l *throttledLog) unrouted(exchange, key string, events int) {
	l.write(slog.LevelWarn, "events are published and reach nobody: no queue is bound to the exchange that takes them", "",
		"exchange", exchange, "routing_key", key, "events", events)
}

func (l *throttledLog) noHints(err error) {
	l.write(slog.LevelWarn, "nodes do not hint each other by RabbitMQ", err.Error(), "error", err)
}

func levelOf(err error) slog.Level {
	if errors.Is(err, bus.ErrMisconfigured) {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// write writes a line, unless the last with this message and detail is recent.
func (l *throttledLog) write(level slog.Level, message, detail string, args ...any) {
	if l.due(logLine{message, detail}, time.Now()) {
		l.log.Log(context.Background(), level, message, args...) //nolint:sloglint // each caller has a constant
	}
}

func (l *throttledLog) due(line logLine, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.last, func(_ logLine, at time.Time) bool { return now.Sub(at) >= logInterval })
	_, recent := l.last[line]
	if !recent {
		l.last[line] = now
	}
	return !recent
}

// forget has the next line with this message written in any case.
func (l *throttledLog) forget(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.last, func(line logLine, _ time.Time) bool { return line.message == message })
}
