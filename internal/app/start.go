package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/auth"
)

// ErrStopped: the server was told to stop while it waited for its database.
var ErrStopped = errors.New("stopped while waiting for the database")

// alertAwaited is the alert of a server that starts and whose database is not there.
const alertAwaited = "database_awaited"

// openDatabase opens the database and builds the rooms on it. A database that is away, or takes long, is waited for: a server that ends
// would be started again and again, and given up by whoever does that. Meanwhile the ports answer that the server starts, and the log says
// every few seconds what is waited for. What waiting does not mend, such as a wrong password, ends the start at once.
func (a *App) openDatabase(ctx context.Context) error {
	w := &startWait{app: a, began: time.Now()}
	a.waitingSince.Store(&w.began)
	defer a.waitingSince.Store(nil)
	slow := time.AfterFunc(startGrace, a.serve)
	defer slow.Stop()
	for {
		err := w.attempt(ctx, a.buildStore)
		if err == nil || !isRetryableOpenError(a.config, err) {
			return err
		}
		a.serve()
		w.failed(err)
		select {
		case <-ctx.Done():
			return ErrStopped
		case <-time.After(startRetry):
		}
	}
}

// startWait says what a start waits for.
type startWait struct {
	app   *App
	began time.Time
	said  time.Time // when it was last said; zero is never
}

// attempt runs one attempt, and says so when it takes long.
func (w *startWait) attempt(ctx context.Context, open func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- open(ctx) }() // it ends when ctx does, and is waited for
	ticker := time.NewTicker(startLogInterval)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if err != nil && ctx.Err() != nil {
				return ErrStopped
			}
			if err == nil && !w.said.IsZero() {
				w.app.log.Info("the database is there", "waited", time.Since(w.began).Round(time.Millisecond))
				w.app.alerts.Resolve(alertAwaited)
			}
			return err
		case <-ticker.C:
			w.say("it has not answered yet, or another server changes its schema")
		}
	}
}

// failed is told of an attempt that failed.
func (w *startWait) failed(err error) {
	if time.Since(w.said) >= startLogInterval {
		w.say(err.Error())
	}
}

func (w *startWait) say(reason string) {
	w.said = time.Now()
	waited := time.Since(w.began)
	if waited >= startAlertAfter {
		w.app.alerts.Start() // whether the database is a copy is not known, and somebody must bring it back
		w.app.alerts.Critical(alertAwaited, fmt.Sprintf("a server that starts has waited for its database for %s, and serves nothing until it "+
			"is there: %s", waited.Round(time.Second), reason))
	}
	w.app.supervisor.Starting("waiting for the database: "+reason, startExtension)
	w.app.log.Warn("waiting for the database; readyz is 503 until it is there", "database", w.app.config.DatabaseName(), "reason", reason,
		"waited", waited.Round(time.Millisecond), "address", w.app.server.URL())
}

// waited is how long the server has been waiting for its database, 0 if it is not.
func (a *App) waited() time.Duration {
	if since := a.waitingSince.Load(); since != nil {
		return time.Since(*since)
	}
	return 0
}

// buildStore opens the database once, with all that a start reads from it, and builds the rooms.
func (a *App) buildStore(ctx context.Context) (err error) {
	opened, err := openDatabase(ctx, a.config, a.log, postgresMeter{a.telemetry.Postgres}, &a.hosts, a.hintOthers(), a.fail)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.Close())
			a.database, a.desk, a.hub = database{}, nil, nil
		}
	}()
	if a.clientSecret, err = opened.ClientSecret(ctx); err != nil {
		return err
	}
	outbox, err := opened.outbox(ctx)
	if err != nil {
		return err
	}
	a.applyOutbox(ctx, outbox)
	a.database, a.auth = opened, auth.New(opened)
	if err := a.buildRooms(); err != nil {
		return err
	}
	if err := a.synchronise(ctx); err != nil {
		return fmt.Errorf("read the database's clock: %w", err)
	}
	return nil
}
