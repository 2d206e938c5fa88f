package app

import (
	"context"
	"errors"
	"sync/atomic"

	"vacancy/internal/alert"
	"vacancy/internal/booking"
	"vacancy/internal/config"
	"vacancy/internal/failover"
	"vacancy/internal/store/postgres"
	"vacancy/internal/telemetry"
)

// databaseObserver hands on what becomes of the database's hosts to those who tell people and show metrics.
type databaseObserver struct {
	tracker *alert.Tracker
	term    atomic.Int64
	backups atomic.Pointer[[]telemetry.Backup]
}

// Alerts has people told.
func (o *databaseObserver) Alerts(alerts []failover.Alert) {
	all := make([]alert.Alert, len(alerts))
	for i, a := range alerts {
		all[i] = alert.Alert{Key: a.Key, Subject: a.Host, Severity: alert.Warning, Text: a.Text}
		if a.Urgent {
			all[i].Severity = alert.Critical
		}
	}
	o.tracker.Set("failover", all)
}

// Database notes in which term the node is.
func (o *databaseObserver) Database(term int64, _ bool) { o.term.Store(term) }

// Backups notes what the other hosts are good for.
func (o *databaseObserver) Backups(backups []failover.Backup) {
	all := make([]telemetry.Backup, len(backups))
	for i, b := range backups {
		all[i] = telemetry.Backup{Host: b.Host, Fit: b.Fit, Seen: b.Seen, Lag: b.Lag}
	}
	o.backups.Store(&all)
}

// judged are the backups as they were last judged.
func (o *databaseObserver) judged() []telemetry.Backup {
	if all := o.backups.Load(); all != nil {
		return *all
	}
	return nil
}

// synchronise asks the database for the time. A node that has started while nothing may be written reads what there is, as of when that was
// known to be all.
func (a *App) synchronise(ctx context.Context) error {
	err := a.view.Sync(ctx)
	if err == nil || a.database.asOf == nil || !errors.Is(err, booking.ErrUnavailable) {
		return err
	}
	asOf, readErr := a.database.asOf(ctx)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	a.view.StartStale(asOf, err)
	return nil
}

// FailoverPermission is what a person decides about a database.
type FailoverPermission = postgres.Permission

// FailoverHost is what one host and its database are.
type FailoverHost = postgres.HostStatus

// FailoverStatus asks all hosts of a database's URL what they are.
func FailoverStatus(ctx context.Context, c config.Config) ([]FailoverHost, error) {
	url, ok := c.PostgresURL()
	if !ok {
		return nil, errNoFailover
	}
	return postgres.Status(ctx, postgres.Config{URL: url})
}

// FailoverAllow has all nodes go on with a database, because a person says so.
func FailoverAllow(ctx context.Context, c config.Config, p FailoverPermission) (before, after FailoverHost, err error) {
	url, ok := c.PostgresURL()
	if !ok {
		return before, after, errNoFailover
	}
	return postgres.Allow(ctx, postgres.Config{URL: url}, p)
}

var errNoFailover = errors.New("only databases of postgres:// fail over")
