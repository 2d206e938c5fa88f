package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"vacancy/internal/alert"
	"vacancy/internal/store"
	"vacancy/internal/telemetry"
)

// receiver is a notifier that remembers what it was told.
type receiver struct {
	mu   sync.Mutex
	told []string
}

func (*receiver) Name() string { return "receiver" }

func (r *receiver) Notify(_ context.Context, a alert.Alert) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	status := "raised"
	if !a.ResolvedAt.IsZero() {
		status = "resolved"
	}
	r.told = append(r.told, a.Key+" "+status)
	return nil
}

func (r *receiver) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.told, want) {
		t.Errorf("told of %q, want %q", r.told, want)
	}
}

// appWithReceiver is a server that has come as far as having alerts, and who is told of them.
func appWithReceiver() (*App, *receiver) {
	r, log := new(receiver), slog.New(slog.DiscardHandler)
	tracker := alert.New(alert.Config{Log: log, Meter: telemetry.New().Alerts, Notifiers: []alert.Notifier{r}})
	_, stopProbing := context.WithCancel(context.Background())
	a := &App{log: log, alerts: tracker, stopProbing: stopProbing, failed: make(chan error, 1)}
	a.config.ShutdownTimeout = outboxInterval
	return a, r
}

// A server that waited for its database has told so before it finds that it is on a copy. It tells that this is over, and nothing else.
func TestCopyThatWasWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, r := appWithReceiver()
		a.alerts.Start()
		a.alerts.Critical(alertAwaited, "the database does not answer")
		r.expect(t, "database_awaited raised")
		a.applyOutbox(t.Context(), store.OutboxState{Paused: true, Who: "an operator", Reason: "it is a copy"})
		a.alerts.Resolve(alertAwaited)
		r.expect(t, "database_awaited raised", "database_awaited resolved")
		a.alerts.Warning("probe_failing", "no booking succeeds")
		r.expect(t, "database_awaited raised", "database_awaited resolved")
		a.applyOutbox(t.Context(), store.OutboxState{})
		r.expect(t, "database_awaited raised", "database_awaited resolved", "probe_failing raised")
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A start that fails tells what it has raised, once it is known whether it is on a copy, and nobody before or if it is.
func TestStartThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found *store.OutboxState
		want  []string
	}{
		"before the database is read": {nil, nil},
		"on the original":             {&store.OutboxState{}, []string{"database_down raised"}},
		"on a copy":                   {&store.OutboxState{Paused: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, r := appWithReceiver()
				a.alerts.Critical("database_down", "no database answers")
				if c.found != nil {
					a.applyOutbox(t.Context(), *c.found)
				}
				if err := a.Close(); err != nil {
					t.Error(err)
				}
				r.expect(t, c.want...)
			})
		})
	}
}
