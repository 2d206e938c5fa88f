package bench

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// caller is one client of a load. It keeps a connection for as long as the server does, and then takes another.
type caller struct {
	base     *url.URL
	deadline time.Time
	wire     *wire // nil while there is none
}

// connect makes callers that are connected already, one node after the other.
func connect(ctx context.Context, nodes []*node, n int, deadline time.Time) ([]*caller, error) {
	callers := make([]*caller, n)
	for i := range callers {
		base := nodes[i%len(nodes)].base
		w, err := dialWire(ctx, base, deadline)
		if err != nil {
			for _, c := range callers[:i] {
				c.close()
			}
			return nil, err
		}
		callers[i] = &caller{base, deadline, w}
	}
	return callers, nil
}

// do sends a request and reads its answer, whose body is valid until the next one.
func (c *caller) do(ctx context.Context, request []byte) (reply, error) {
	if c.wire == nil {
		w, err := dialWire(ctx, c.base, c.deadline)
		if err != nil {
			return reply{}, err
		}
		c.wire = w
	}
	answer, err := c.wire.do(request)
	if err != nil || answer.last {
		c.close()
	}
	return answer, err
}

func (c *caller) close() {
	if c.wire != nil {
		_ = c.wire.conn.Close()
		c.wire = nil
	}
}

// pauseAfter is how long a client leaves a server alone that is busy or not there.
func pauseAfter(answer reply, err error) time.Duration {
	switch {
	case err != nil:
		return minPause
	case answer.status == http.StatusServiceUnavailable:
		return min(max(answer.retryAfter, minPause), maxPause)
	default:
		return 0
	}
}

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
