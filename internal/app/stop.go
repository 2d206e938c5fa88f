package app

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Close stops taking requests, lets the live readers go, finishes what was accepted, and closes the database, within the
// configured time. It may be called more than once; later calls wait for the first.
func (a *App) Close() error {
	a.closing.Do(func() { a.closed = a.close() })
	return a.closed
}

func (a *App) close() (err error) {
	served := a.ready.Swap(false)
	a.stopProbing()
	if served {
		defer func(began time.Time) { a.logStop(began, err) }(time.Now())
		a.drain()
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.config.ShutdownTimeout)
	defer cancel()
	if a.server != nil {
		err = a.server.StopAccepting(ctx)
		steps := []func(context.Context) error{a.server.Shutdown}
		if a.opened.Load() {
			a.feed.Close()
			steps = append(steps, a.sse.Close, a.ws.Close)
		}
		err = errors.Join(err, concurrently(ctx, steps...), a.server.Close())
		a.serving.Do(func() { close(a.served) }) // it was never begun
		<-a.served
	}
	err = errors.Join(err, a.closeAgent())
	if a.desk != nil {
		a.desk.Shutdown(ctx)
	}
	if a.checking != nil {
		a.checking()
		a.background.Wait()
	}
	if a.hub != nil {
		a.hub.Close()
	}
	if a.webhooks != nil {
		err = errors.Join(err, a.webhooks.Close())
	}
	if a.broker != nil {
		err = errors.Join(err, a.broker.Close())
	}
	if a.database.Store != nil {
		err = errors.Join(err, a.database.Close())
	}
	if a.outboxKnown.Load() {
		a.alerts.Start() // for what was raised by a start that has failed
	}
	a.alerts.Close(ctx)
	if a.otlp != nil {
		a.otlp.Close(ctx)
	}
	return err
}

// Failed tells of a fault with which the server cannot even be closed: a transaction that hangs or has panicked, or a database file that is
// found to be damaged. The process is to be ended at once, so that whoever supervises it starts it again.
func (a *App) Failed() <-chan error { return a.failed }

// fail reports such a fault. Only the first counts.
func (a *App) fail(reason error) {
	a.log.Error("the process ends, for its supervisor to start it again", "version", Version(), "error", reason)
	select {
	case a.failed <- reason:
	default:
	}
}

// drain goes on serving until load balancers have noticed that readyz is 503, and then has the live readers leave one after the other.
// They would come back here before.
func (a *App) drain() {
	delay := quietDrainDelay
	if asked := a.readinessAsked.Load(); asked != 0 && time.Since(time.Unix(0, asked)) < readinessPollWindow {
		delay = max(delay, a.config.DrainDelay)
	}
	a.supervisor.Stopping("draining", a.stopTimeout())
	a.log.Info("stopping", "version", Version(), "drain_delay", delay, "drain_time", a.config.DrainTime,
		"shutdown_timeout", a.config.ShutdownTimeout)
	select {
	case <-time.After(delay):
	case <-a.served: // the ports are gone: nobody can ask any more
	}
	ctx := context.Background()
	_ = concurrently(ctx,
		func(ctx context.Context) error { a.sse.Drain(ctx, a.config.DrainTime); return nil },
		func(ctx context.Context) error { a.ws.Drain(ctx, a.config.DrainTime); return nil })
}

// concurrently runs steps side by side, so that a reader who takes nothing does not keep the requests under way from their time.
func concurrently(ctx context.Context, steps ...func(context.Context) error) error {
	errs := make([]error, len(steps))
	var all sync.WaitGroup
	for i, step := range steps {
		all.Go(func() { errs[i] = step(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}
