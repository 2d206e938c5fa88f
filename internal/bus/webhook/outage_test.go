package webhook_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"vacancy/internal/bus/webhook"
)

// never does not answer.
func never(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }

// TestOrderAfterOutage: what was published while an endpoint was out of order arrives in order once it is well, and soon.
func TestOrderAfterOutage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request, int)
		// probes are events that may come first: which of them is tried when it is well again is by chance.
		probes int
	}{
		"throttled": {status(http.StatusServiceUnavailable), 0},
		"timeout":   {never, 0},
		"answered":  {status(http.StatusBadGateway), 1},
	} {
		for _, outage := range []time.Duration{30 * time.Second, 24 * time.Hour} {
			t.Run(fmt.Sprintf("%s for %s", name, outage), func(t *testing.T) {
				t.Parallel()
				n, r := newNode(t), newReceiver(t)
				n.putEndpoint(t, r.URL)
				n.SetTimeout(5 * time.Millisecond)
				r.answers(c.answer)
				published := 0
				for second := time.Duration(0); second < outage; second += time.Second {
					if second%(outage/30) == 0 {
						n.publish(t, event(published))
						published++
					}
					n.later(t, time.Second)
				}
				r.got()
				n.SetTimeout(webhook.AttemptTimeout)
				r.answers(nil)
				waited := time.Duration(0)
				for ; n.endpoint(t).Waiting > 0 && waited < 24*time.Hour; waited += time.Second {
					n.later(t, time.Second)
				}
				if waited > 11*time.Minute {
					t.Errorf("all is delivered %s after the outage", waited)
				}
				var got []int
				for _, req := range r.got() {
					got = append(got, req.n)
				}
				if len(got) != published || !slices.IsSorted(got[min(c.probes, len(got)):]) {
					t.Errorf("of %d events it got %v", published, got)
				}
			})
		}
	}
}

// TestEventThatIsNeverAnswered: one event that keeps the receiver too long does not hold up those behind it until the endpoint is disabled.
func TestEventThatIsNeverAnswered(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	n.SetTimeout(50 * time.Millisecond)
	r.answers(func(w http.ResponseWriter, req *http.Request, i int) {
		if i == 0 {
			never(w, req, i)
		}
	})
	n.publish(t, events(0, 4)...)
	for range 60 {
		n.later(t, time.Minute)
	}
	seen := make(map[int]int)
	for _, req := range r.got() {
		seen[req.n]++
	}
	for i := 1; i < 4; i++ {
		same(t, "event "+strconv.Itoa(i), seen[i], 1)
	}
	if seen[0] > 20 {
		t.Errorf("the first was tried %d times in an hour", seen[0])
	}
	same(t, "waiting", n.endpoint(t).Waiting, 1)
	same(t, "enabled", n.endpoint(t).Enabled, true)
}

// TestPutTriesAtOnce: whoever has mended an endpoint does not wait for what was backed off.
func TestPutTriesAtOnce(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusInternalServerError))
	n.publish(t, events(0, 3)...)
	for range 12 {
		n.later(t, time.Hour)
	}
	r.got()
	r.answers(nil)
	n.putEndpoint(t, r.URL)
	n.later(t, 0)
	wantNumbers(t, r, "at once, in order", "0! 1! 2!")
}
