package live

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// Drain says goodbye to the readers one after the other, evenly over the time given, so that whoever takes them in has an even load and not
// a storm. Those who come meanwhile are among them. Few readers take less time: see minGoodbyesPerSecond. It returns when nobody is left
// who was not told, when the time is up, or when ctx ends. The connections stay open to others; Close ends that.
func (r *Connections) Drain(ctx context.Context, period time.Duration) {
	period = min(period, time.Duration(r.count())*time.Second/minGoodbyesPerSecond)
	if period <= 0 {
		return
	}
	ticker := time.NewTicker(drainInterval)
	defer ticker.Stop()
	told := make(map[Connection]struct{})
	for end := time.Now().Add(period); ; {
		left := time.Until(end)
		waiting := r.except(told)
		if len(waiting) == 0 {
			return
		}
		share := math.Ceil(float64(len(waiting)) * min(1, float64(drainInterval)/float64(max(left, 1))))
		for _, c := range waiting[:int(share)] {
			told[c] = struct{}{}
			c.Shutdown(reconnectInTurn())
		}
		if left <= 0 {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *Connections) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.connections)
}

// except is the connections that are not among those told. Those told that are gone are forgotten.
func (r *Connections) except(told map[Connection]struct{}) (others []Connection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	others = make([]Connection, 0, len(r.connections))
	for c := range r.connections {
		if _, ok := told[c]; !ok {
			others = append(others, c)
		}
	}
	for c := range told {
		if _, ok := r.connections[c]; !ok {
			delete(told, c)
		}
	}
	return others
}

// reconnectInTurn is after how long a reader is asked to come back who is told goodbye when its turn comes.
func reconnectInTurn() time.Duration { return between(minInTurnDelay, maxInTurnDelay) }

// reconnectAtRandom is the same for readers who are all told at once.
func reconnectAtRandom() time.Duration { return between(minReconnectDelay, maxReconnectDelay) }

func between(least, most time.Duration) time.Duration { return least + rand.N(most-least) }
