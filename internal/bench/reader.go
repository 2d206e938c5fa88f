package bench

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"vacancy/client"
)

// reader follows the calendar on one connection. It does not connect again: in a benchmark a lost connection is a finding.
type reader struct {
	node  *node
	mu    sync.Mutex
	state *client.State // shared with the readers that got the same frames; nobody changes it
	first chan struct{} // closed when the first snapshot is there
}

// gather connects all readers, and returns when each has a first picture.
func (l *liveLoad) gather(ctx context.Context) error {
	nodes := l.readAt()
	l.readers = make([]*reader, l.options.Readers)
	for i := range l.readers {
		l.readers[i] = &reader{node: nodes[i%len(nodes)], first: make(chan struct{})}
	}
	queue := make(chan *reader)
	var mu sync.Mutex
	var failed error
	var connecting sync.WaitGroup
	for range min(concurrentDials, len(l.readers)) {
		connecting.Go(func() {
			for r := range queue {
				if err := l.join(ctx, r); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	for _, r := range l.readers {
		queue <- r
	}
	close(queue)
	connecting.Wait()
	if failed != nil {
		return fmt.Errorf("connect the readers: %w", failed)
	}
	return nil
}

// join connects a reader and waits for its first picture.
func (l *liveLoad) join(ctx context.Context, r *reader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	reading := ctx
	ctx, cancel := context.WithTimeoutCause(ctx, drainTimeout, fmt.Errorf("no snapshot within %s", drainTimeout))
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", hostOf(r.node.base))
	if err != nil {
		return err
	}
	context.AfterFunc(reading, func() { _ = conn.Close() })
	follow := l.followStream
	if l.options.WebSocket {
		follow = l.followSocket
	}
	gone := make(chan error, 1)
	l.listening.Go(func() {
		err := follow(conn, r)
		if reading.Err() == nil {
			l.cut.Add(1)
		}
		gone <- err
	})
	select {
	case <-r.first:
		return nil
	case err := <-gone:
		return fmt.Errorf("a reader's connection ended: %w", err)
	case <-ctx.Done():
		_ = conn.Close()
		return context.Cause(ctx)
	}
}

// apply notes a frame that came at the given time.
func (l *liveLoad) apply(r *reader, kind client.EventKind, data []byte, at time.Time) error {
	frame, err := l.frames.decode(kind, data)
	if err != nil || frame == nil {
		return err
	}
	r.mu.Lock()
	begun := r.state != nil
	r.state = frame.after(r.state)
	r.mu.Unlock()
	if !begun {
		close(r.first)
		return nil
	}
	if l.counting.Load() {
		l.received.Add(1)
		if frame.delta != nil && !frame.delta.CommittedAt.IsZero() {
			l.latency.Add(at.Sub(frame.delta.CommittedAt))
		}
	}
	return nil
}
