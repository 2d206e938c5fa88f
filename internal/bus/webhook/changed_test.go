package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"vacancy/internal/bus/webhook"
)

// TestChangedMeanwhile: what the old address answers, once the endpoint leads elsewhere, decides nothing of it.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, n *node, url string){
		"replaced": func(t *testing.T, n *node, url string) {
			t.Helper()
			n.putEndpoint(t, url)
		},
		"deleted and created again": func(t *testing.T, n *node, url string) {
			t.Helper()
			must(t, n.DeleteEndpoint(t.Context(), barber, door))
			n.putEndpoint(t, url)
		},
	} {
		for code, lost := range map[int]bool{http.StatusGone: true, http.StatusInternalServerError: true, http.StatusOK: false} {
			for _, draining := range []bool{false, true} {
				t.Run(name+" "+http.StatusText(code), func(t *testing.T) {
					t.Parallel()
					n, before, after := newNode(t), newReceiver(t), newReceiver(t)
					n.putEndpoint(t, before.URL)
					if draining {
						before.answers(status(http.StatusInternalServerError))
						n.publish(t, events(0, 3)...)
						before.got()
					}
					changed := false
					before.answers(func(w http.ResponseWriter, _ *http.Request, _ int) {
						if !changed {
							changed = true
							change(t, n, after.URL)
						}
						w.WriteHeader(code)
					})
					if draining {
						n.later(t, time.Minute)
					} else {
						n.publish(t, events(0, 3)...)
					}
					e := n.endpoint(t)
					if !e.Enabled || !e.FailingSince.IsZero() || len(n.alerts.told()) > 0 {
						t.Errorf("enabled: %t (%s), failing since %s, alerts %v", e.Enabled, e.Disabled, e.FailingSince, n.alerts.told())
					}
					n.later(t, 0)
					got := len(after.got())
					if name == "replaced" && lost && got != 3 {
						t.Errorf("the new address got %d events of 3", got)
					}
					if name != "replaced" && got != 0 {
						t.Errorf("the new endpoint got %d events of the one before", got)
					}
					n.publish(t, event(3))
					n.later(t, 0)
					wantNumbers(t, after, "from then on", "3")
				})
			}
		}
	}
}

// TestGoneStillDisables: an endpoint that was changed before it was read is disabled as ever.
func TestGoneStillDisables(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, "http://127.0.0.1:9/old")
	n.putEndpoint(t, r.URL)
	_, _, err := n.RotateSecret(t.Context(), barber, door)
	must(t, err)
	r.answers(status(http.StatusGone))
	n.publish(t, event(0))
	same(t, "enabled", n.endpoint(t).Enabled, false)
	same(t, "outcomes", n.meter.count(webhook.Gone), 1)
}
