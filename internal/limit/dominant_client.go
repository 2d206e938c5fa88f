package limit

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Alerts tells the operator of what needs a person.
type Alerts interface {
	Warning(key, text string)
	Resolve(key string)
}

// dominantClientAlert is the key of the alert that one client makes most of the requests.
const dominantClientAlert = "dominant_client"

// dominantClient finds out whether one client makes more than half of the requests. That is told, and nothing more: it may be an attack, a
// program that runs wild, a proxy that was not configured, or a city behind one address.
//
// It remembers one client and not all. In each period a vote finds a candidate (Boyer and Moore: each request of another client cancels
// one of the candidate's), which is the client with more than half of the requests if there is one. Whether it had them is counted exactly
// in the periods after. An IPv6 client is meant with its /48, so that it cannot hide in its own network.
type dominantClient struct {
	alerts Alerts

	mu sync.Mutex
	// total is how many requests there were in this period, and ofWatched those of the watched client.
	total, ofWatched int
	watched          identifiedClient
	candidate        identifiedClient
	weight           int
	// share is that of the watched client in the last period, if it was more than half of many requests; else 0.
	share float64
	// over and under are how many periods in a row the watched client has had more than half of many requests, or not.
	over, under int
}

// identifiedClient is a client that requests are counted for. The zero one is nobody in particular.
type identifiedClient struct {
	id     id
	client Client
}

// count counts a request. Requests of keys and of nobody in particular count for the total only: who has a key is known.
func (t *dominantClient) count(c Client) {
	var v identifiedClient
	if c.addr.IsValid() {
		ids, n := c.ids()
		v = identifiedClient{ids[n-1], c}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total++
	nobody := v == identifiedClient{}
	if !nobody && v.id == t.watched.id {
		t.ofWatched++
	}
	switch {
	case !nobody && v.id == t.candidate.id:
		t.weight++
	case t.weight > 0:
		t.weight--
	case !nobody:
		t.candidate, t.weight = v, 1
	}
}

// endPeriod judges the period that ends, and begins the next.
func (t *dominantClient) endPeriod() {
	t.mu.Lock()
	defer t.mu.Unlock()
	dominant := t.total >= manyRequests && 2*t.ofWatched > t.total
	if dominant {
		t.share = float64(t.ofWatched) / float64(t.total)
		t.over, t.under = t.over+1, 0
	} else {
		t.share = 0
		t.over, t.under = 0, t.under+1
	}
	switch {
	case t.over >= dominantPeriods:
		t.alerts.Warning(dominantClientAlert, fmt.Sprintf(
			"one client, in %s, makes %.0f %% of all requests, %d in the last minute: it is not blocked",
			t.watched.client.coarse(), 100*t.share, t.ofWatched))
	case t.under >= dominantPeriods:
		t.alerts.Resolve(dominantClientAlert)
	}
	if !dominant && t.candidate.id != t.watched.id {
		t.watched = t.candidate
	}
	t.total, t.ofWatched, t.candidate, t.weight = 0, 0, identifiedClient{}, 0
}

// Run watches whether one client makes most of the requests, until ctx ends.
func (l *Limiter) Run(ctx context.Context) {
	ticks := time.NewTicker(dominantPeriod)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			l.dominant.endPeriod()
		}
	}
}
