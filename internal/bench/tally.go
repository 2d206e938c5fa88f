package bench

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"vacancy/internal/bench/meter"
)

// tally counts how requests ended. Several workers share one.
type tally struct {
	accepted, refused, alternatives atomic.Int64
	latency                         meter.Histogram // of what was accepted
	refusal                         meter.Histogram // of what was refused

	mu     sync.Mutex
	errors map[string]int64
}

// fail counts a request that was neither accepted nor refused for want of room.
func (t *tally) fail(code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.errors == nil {
		t.errors = make(map[string]int64)
	}
	t.errors[code]++
}

// failures are the errors by code.
func (t *tally) failures() map[string]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	failures := make(map[string]int64, len(t.errors))
	maps.Copy(failures, t.errors)
	return failures
}

// connection is the code under which broken connections are counted.
const connection = "connection"

// slotUnavailable is the code of a refusal for want of room: the load expects it.
const slotUnavailable = "slot_unavailable"

// count counts an answer to a booking, and tells whether it was accepted.
func (t *tally) count(a reply) bool {
	if a.status == http.StatusCreated {
		t.accepted.Add(1)
		return true
	}
	code := textOf(a.body, "code")
	if code == slotUnavailable {
		t.refused.Add(1)
		if bytes.Contains(a.body, []byte(`"alternatives":[{`)) {
			t.alternatives.Add(1)
		}
		return false
	}
	t.fail(strconv.Itoa(a.status) + " " + code)
	return false
}
