package outbox_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/store"
)

// step is one thing that happens in a random history.
type step struct {
	kind  string
	venue int
	n     int
	wait  time.Duration
}

var stepKinds = []string{
	"book", "book", "book", "book and tell", "book and tell", "book and tell", "book many", "bus down", "confirmations lost", "half arrives",
	"bus up", "bus up", "kill", "stop a process", "go on", "start another", "lease lost", "new epoch", "history lost", "trim", "damage",
	"store away", "store back", "store back", "pause", "resume", "resume", "cursors fail", "reject one",
}

func steps(t *rapid.T) []step {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			kind:  rapid.SampledFrom(stepKinds).Draw(t, "kind"),
			venue: rapid.IntRange(0, 2).Draw(t, "venue"),
			n:     rapid.IntRange(1, 300).Draw(t, "n"),
			wait:  time.Duration(rapid.IntRange(0, 4000).Draw(t, "wait")) * time.Millisecond,
		}
	}), 1, 40).Draw(t, "steps")
}

// TestWhateverHappens: after any history of faults, once all is well again, each change has arrived or is told as a gap, first occurrences
// are in order, and a consumer that has listened all the time has what GET says.
func TestWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		all, seed := steps(rt), rapid.Uint64().Draw(rt, "seed")
		var err error
		synctest.Test(t, func(t *testing.T) { err = runHistory(t, all, seed) })
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// history is one that runs.
type history struct {
	*testing.T
	w         *world
	b         *broker
	rng       *rand.Rand
	venues    []booking.VenueID
	processes []*process
	nodes     []*node
	began     map[booking.VenueID]booking.Revision
	consumers map[booking.VenueID]*consumer
	terms     int
	// rejecting: an event was rejected, perhaps.
	rejecting bool
}

func runHistory(t *testing.T, all []step, seed uint64) error {
	h := &history{
		T: t, w: newWorld(t), b: newBroker(), rng: seeded(seed), venues: []booking.VenueID{"a", "b", "c"},
		began: make(map[booking.VenueID]booking.Revision), consumers: make(map[booking.VenueID]*consumer),
	}
	h.w.open(h.venues...)
	for _, id := range h.venues {
		h.w.book(h.rng, id, 10)
		h.began[id] = h.w.revision(id)
		h.consumers[id] = h.w.consumer(id)
		h.consumers[id].check = h.w.checkValues
	}
	h.b.tell(func(e bus.Event) { h.consumers[e.Venue].take(e) })
	h.startProcess()
	settle(time.Second)
	for _, s := range all {
		h.happen(s)
		if s.wait > 0 {
			settle(s.wait)
		}
	}
	h.heal()
	settle(time.Minute)
	return h.judge()
}

func (h *history) startProcess() {
	p := newProcess(h.w, h.b)
	h.processes = append(h.processes, p)
	h.nodes = append(h.nodes, p.start(h.T))
}

// happen has one thing happen.
func (h *history) happen(s step) {
	id := h.venues[s.venue]
	process, node := h.processes[s.n%len(h.processes)], h.nodes[s.n%len(h.nodes)]
	switch s.kind {
	case "book":
		h.w.book(h.rng, id, s.n)
	case "book and tell":
		h.w.bookAndTell(h.rng, id, 1+s.n%20, h.nodes...)
	case "book many":
		last := h.w.bookMany(h.rng, id, s.n)
		node.Committed(id, last)
	case "kill":
		process.kill()
	case "stop a process":
		process.stop()
	case "go on":
		process.goOn()
	case "start another":
		if len(h.nodes) < 4 {
			h.startProcess()
		}
	case "pause":
		node.Pause()
	case "resume":
		node.Resume()
	case "store away", "cursors fail":
		h.w.failing(func(call string, _ booking.VenueID) error {
			if s.kind == "store away" || call == "MoveCursors" {
				return store.ErrUnavailable
			}
			return nil
		})
	case "store back":
		h.w.failing(nil)
	default:
		h.happenToBus(s)
		h.happenToHistory(s, id)
	}
}

func (h *history) happenToBus(s step) {
	switch s.kind {
	case "bus down":
		h.b.down(bus.ErrUnavailable)
	case "confirmations lost":
		h.b.behaves(func(_ booking.VenueID, all []bus.Event) (int, error) { return len(all), bus.ErrUnavailable })
	case "half arrives":
		h.b.behaves(func(_ booking.VenueID, all []bus.Event) (int, error) { return len(all) / 2, bus.ErrUnavailable })
	case "reject one":
		h.rejecting = true
		rejected := ""
		h.b.behaves(func(_ booking.VenueID, all []bus.Event) (int, error) {
			for i, e := range all {
				if rejected == "" && e.Name != bus.VenueReset || e.ID == rejected {
					rejected = e.ID
					return i, &bus.RejectedError{Index: i, Reason: "a test"}
				}
			}
			return len(all), nil
		})
	case "bus up":
		h.b.behaves(nil)
	}
}

func (h *history) happenToHistory(s step, id booking.VenueID) {
	switch s.kind {
	case "lease lost":
		h.w.mu.Lock()
		for i := range h.w.leases {
			h.w.leases[i] = worldLease{holder: "somebody", until: time.Now().Add(time.Duration(s.n) * 10 * time.Millisecond)}
		}
		h.w.mu.Unlock()
	case "new epoch":
		h.terms++
		h.w.restore(booking.Epoch(fmt.Sprintf("%d-term", 1+h.terms)), nil)
	case "history lost":
		h.terms++
		back := h.w.revision(id) - min(booking.Revision(s.n), h.w.revision(id)-1)
		h.w.restore(booking.Epoch(fmt.Sprintf("%d-lost", 1+h.terms)), map[booking.VenueID]booking.Revision{id: back})
	case "trim":
		h.w.trim(id, min(h.w.revision(id), booking.Revision(s.n)))
	case "damage":
		h.w.damage(id, min(h.w.revision(id), h.began[id]+booking.Revision(s.n)))
	}
}

// heal ends all faults, with at least one relay that runs.
func (h *history) heal() {
	h.b.behaves(nil)
	h.w.failing(nil)
	for _, p := range h.processes {
		p.goOn()
	}
	for _, n := range h.nodes {
		n.Resume()
	}
	h.startProcess()
}

// judge compares what arrived with what is.
func (h *history) judge() error {
	for _, id := range h.venues {
		after, arrived := h.began[id], h.b.events(id)
		var err error
		if h.terms > 0 {
			after, arrived, err = h.sinceEpoch(arrived)
		}
		c := h.consumers[id]
		if err == nil {
			// A relay whose cursor of the epoch before was not written yet has another begin the epoch anew, further back; and what was
			// rejected once may be taken when it is sent again.
			inOrder := h.terms == 0 && !h.rejecting
			err = errors.Join(h.w.arrivedAll(arrived, id, after, inOrder), c.compare(), h.w.sameBookings(c, id))
		}
		if err != nil {
			return fmt.Errorf("venue %s: %w", id, err)
		}
	}
	return nil
}

// sinceEpoch is what arrived since the world's epoch was told of, and the revision behind which everything must have.
func (h *history) sinceEpoch(all []bus.Event) (after booking.Revision, since []bus.Event, _ error) {
	for i, e := range all {
		if common := resets(h.T, []bus.Event{e}); len(common) == 1 && e.Epoch == h.w.epoch {
			return common[0], all[i:], nil
		}
	}
	return 0, nil, errors.New("the epoch was never told of")
}
