package app

import (
	"context"
	"time"

	"vacancy/internal/config"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/sqlite"
)

// What goes to the outside is held back of a database that is a copy: by --alert-command and --alert-webhook the people of the original
// would be told, and by --bus and webhooks their other systems, by a server that may have been started for a test. Whether it is held back
// stands in the database, and is read before anybody is told of anything, unless the database is waited for. See
// docs/adr/0019-what-a-copy-tells.md.

// alertPaused is the alert of a server that tells nobody outside of its alerts. It is in the log and the metric.
const alertPaused = "outbox_paused"

// watchOutbox sees what is decided while the server runs. What cannot be read stays as it is.
func (a *App) watchOutbox(ctx context.Context) {
	ticker := time.NewTicker(outboxInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if found, err := a.database.outbox(ctx); err == nil {
			a.applyOutbox(ctx, found)
		}
	}
}

// applyOutbox pauses or resumes, if that is another than before.
func (a *App) applyOutbox(ctx context.Context, found store.OutboxState) {
	a.outboxKnown.Store(true)
	if a.outboxPaused.Swap(found.Paused) == found.Paused {
		return
	}
	a.relays.setPaused(found.Paused)
	if found.Paused {
		a.alerts.Pause()
		a.log.WarnContext(ctx, "what goes to the outside is paused: no events are sent, and alerts are in this log alone; if this is no copy, "+
			"run vacancy outbox resume", "database", a.config.DatabaseName(), "since", found.At, "by", found.Who, "reason", found.Reason)
		a.alerts.Warning(alertPaused, "no events are sent, and alerts are told to nobody by command or webhook: paused by "+found.Who+": "+
			found.Reason)
		return
	}
	a.alerts.Resolve(alertPaused) // of which nobody was told
	a.alerts.Resume()
	a.log.InfoContext(ctx, "what goes to the outside is resumed", "since", found.At, "by", found.Who, "reason", found.Reason)
}

// OutboxState is whether what goes to the outside is held back.
type OutboxState = store.OutboxState

// Outbox reads from a database whether what goes to the outside is held back, also while servers use it.
func Outbox(ctx context.Context, c config.Config) (OutboxState, error) {
	if err := c.Validate(); err != nil {
		return OutboxState{}, err
	}
	if url, ok := c.PostgresURL(); ok {
		return postgres.OutboxState(ctx, postgres.Config{URL: url})
	}
	path, _ := c.SQLitePath()
	return sqlite.OutboxState(ctx, path)
}

// SwitchOutbox has what goes to the outside held back, or let go, also while servers use the database, which do so within seconds. It
// returns how that is now.
func SwitchOutbox(ctx context.Context, c config.Config, paused bool, who, reason string) (OutboxState, error) {
	if err := c.Validate(); err != nil {
		return OutboxState{}, err
	}
	if url, ok := c.PostgresURL(); ok {
		return postgres.SwitchOutbox(ctx, postgres.Config{URL: url}, paused, who, reason)
	}
	path, _ := c.SQLitePath()
	return sqlite.SwitchOutbox(ctx, path, paused, time.Now(), who, reason)
}
