package bench

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// bookAtRate books at nodes at a steady rate, whatever the server says, until the time is up.
func (l *bookLoad) bookAtRate(ctx context.Context, nodes []*node, rate int, end time.Time) error {
	n := (rate + ratePerCaller - 1) / ratePerCaller
	callers, err := connect(ctx, nodes, n, end.Add(drainTimeout))
	if err != nil {
		return err
	}
	began := time.Now()
	interval := time.Duration(n) * time.Second / time.Duration(rate)
	var working sync.WaitGroup
	for i, c := range callers {
		first := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		working.Go(func() { l.pace(ctx, i, c, first, interval, end) })
	}
	working.Wait()
	return ctx.Err()
}

// pace is one client: it books at each of its times. When it is late it does not wait, so that the rate is kept on the whole; and
// latency counts from when a booking was due, so that waiting for a slow server is not left out.
func (l *bookLoad) pace(ctx context.Context, worker int, c *caller, due time.Time, interval time.Duration, end time.Time) {
	defer c.close()
	var buffer []byte
	for turn := 0; due.Before(end) && time.Now().Before(end) && ctx.Err() == nil; turn++ {
		pause(ctx, time.Until(due))
		target := &l.targets[rand.IntN(len(l.targets))]
		buffer = target.request.request(buffer, worker, turn)
		answer, err := c.do(ctx, buffer)
		switch {
		case err != nil:
			l.tally.fail(connection)
		case answer.status == http.StatusCreated:
			l.count(target, answer, time.Since(due))
		default:
			l.tally.count(answer)
		}
		due = due.Add(interval)
	}
	pause(ctx, time.Until(end)) // the last change is on its way to the readers
}
