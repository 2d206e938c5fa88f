package history

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"vacancy/client"
	"vacancy/test/proc"
)

const (
	venue   = "lab"
	minutes = 1 // that a hold lasts
	// callInterval is how long a client waits between its calls.
	callInterval = 40 * time.Millisecond
	// callTimeout is how long one call may take, its repeats included.
	callTimeout = 8 * time.Second
)

// resources are what is fought for, with their capacities.
var resources = map[string]int{"one": 1, "two": 2, "three": 3}

// lab is a venue on one or several server processes, and the history of its calls.
type lab struct {
	nodes []*node

	mu      sync.Mutex
	history []porcupine.Operation
	// lost are the calls to make a booking whose answer was lost, by the customer's name.
	lost map[string]porcupine.Operation
	// shared are bookings that every client may confirm, cancel or look at.
	shared []client.Booking
	// wrong are answers that nobody may get, whatever happens to the processes.
	wrong []string
}

// node is a place of a server process, which is killed and started again there.
type node struct {
	mu      sync.Mutex
	process *proc.Process
}

func (n *node) url() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process.URL
}

// restart kills the process and starts another on the same database.
func (n *node) restart(t *testing.T, database string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.process.Kill()
	n.process = proc.Launch(t, database)
}

func openLab(t *testing.T, database string, nodes int) *lab {
	t.Helper()
	l := &lab{lost: make(map[string]porcupine.Operation)}
	for range nodes {
		l.nodes = append(l.nodes, &node{process: proc.Launch(t, database)})
	}
	ctx, c := t.Context(), l.nodes[0].process.Client(t)
	_, err := c.PutVenue(ctx, client.Venue{ID: venue, Name: "Lab", TimeZone: "UTC"})
	must(t, err)
	always := make(map[string][]string)
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		always[day] = []string{"00:00-24:00"}
	}
	for id, capacity := range resources {
		_, err := c.PutResource(ctx, venue, client.Resource{ID: id, Name: id, Capacity: capacity, Hours: always})
		must(t, err)
		_, err = c.PutService(ctx, venue, client.Service{
			ID: id, Name: id, DurationMinutes: 60, HoldMinutes: minutes, Requires: []client.Requirement{{Resource: id}},
		})
		must(t, err)
	}
	return l
}

// starts are those of the slots: in two days' time, at two hours of that day.
func starts() []time.Time {
	day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)
	return []time.Time{day.Add(9 * time.Hour), day.Add(14 * time.Hour)}
}

// worker is one client: it makes one call after the other, on whichever node.
type worker struct {
	lab *lab
	id  int
	// wrote is the position of its last write and when that was sent.
	wrote     string
	wroteSent int64
}

func (w *worker) work(ctx context.Context) {
	tick := time.NewTicker(callInterval)
	defer tick.Stop()
	for {
		w.act(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *worker) act(ctx context.Context) {
	b, known := w.lab.pick()
	switch n := mathrand.IntN(100); {
	case n < 20:
		w.make(ctx, hold)
	case n < 35:
		w.make(ctx, book)
	case n < 50 && known:
		w.step(ctx, confirm, b)
	case n < 75 && known:
		w.step(ctx, cancel, b)
	case n < 85 && known:
		w.look(ctx, b)
	default:
		w.count(ctx)
	}
}

// dial is a client of one of the nodes; it repeats by itself what can be repeated.
func (w *worker) dial() *client.Client {
	url := w.lab.nodes[mathrand.IntN(len(w.lab.nodes))].url() // what a server said of itself, so it can be read
	c, err := client.New(url, client.WithKey(proc.AdminKey), client.WithHTTPClient(&http.Client{
		Timeout: callTimeout, Transport: &http.Transport{DisableKeepAlives: true},
	}))
	if err != nil {
		panic(err)
	}
	return c
}

// make makes a booking or a hold somewhere. Most clients repeat a call whose answer was lost, under the same key, on another node.
func (w *worker) make(ctx context.Context, a action) {
	slot, start := anySlot()
	name := rand.Text()
	wish := client.NewBooking{
		Service: slot.resource, Start: start, Customer: &client.Customer{Name: name, Email: "lab@example.com"},
	}
	c := call{slot: slot, capacity: resources[slot.resource], action: a, sent: now()}
	b, err := w.repeat(ctx, name, func(ctx context.Context, on *client.Client, key client.CallOption) (client.Booking, error) {
		if a == hold {
			return on.Hold(ctx, venue, wish, key)
		}
		return on.Book(ctx, venue, wish, key)
	})
	o := outcomeOf(err)
	if err == nil {
		o.id, o.expires = b.ID, expiry(b)
		w.lab.share(b)
		w.wrote, w.wroteSent = b.Position, c.sent
	}
	if o.unknown {
		w.lab.lose(name, porcupine.Operation{ClientId: w.id, Input: c, Output: o, Call: c.sent, Return: never})
		return
	}
	w.lab.record(w.id, c, o)
}

// step confirms or cancels a booking.
func (w *worker) step(ctx context.Context, a action, b client.Booking) {
	c := call{slot: slotOf(b), capacity: resources[b.Service], action: a, id: b.ID, sent: now()}
	stepped, err := w.repeat(ctx, rand.Text(), func(ctx context.Context, on *client.Client, key client.CallOption) (client.Booking, error) {
		if a == confirm {
			return on.Confirm(ctx, venue, b.ID, nil, key)
		}
		return on.Cancel(ctx, venue, b.ID, key)
	})
	if err == nil {
		w.wrote, w.wroteSent = stepped.Position, c.sent
	}
	w.lab.record(w.id, c, outcomeOf(err))
}

// look reads one booking, which every node does from the store.
func (w *worker) look(ctx context.Context, b client.Booking) {
	c := call{slot: slotOf(b), capacity: resources[b.Service], action: query, id: b.ID, sent: now()}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	seen, err := w.dial().Booking(ctx, venue, b.ID)
	o := outcomeOf(err)
	o.status = seen.Status
	if !o.unknown {
		w.lab.record(w.id, c, o)
	}
}

// count reads how many places are left, from any node's memory, but not before this client's last write. It may show the state of
// any moment after that write was sent.
func (w *worker) count(ctx context.Context) {
	if w.wrote == "" {
		return
	}
	slot, start := anySlot()
	c := call{slot: slot, capacity: resources[slot.resource], action: count}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	day := start.Format(time.DateOnly)
	seen, err := w.dial().Availability(ctx, client.Query{Venue: venue, Service: slot.resource, From: day, To: day, AtLeast: w.wrote})
	if err != nil {
		if o := outcomeOf(err); !o.unknown {
			w.lab.complain("count, not before "+w.wrote, err)
		}
		return
	}
	c.sent = w.wroteSent
	for _, s := range seen.Days[0].Slots {
		if s.Start.Equal(start) {
			w.lab.record(w.id, c, outcome{remaining: s.Remaining})
		}
	}
}

// repeat makes a call that is safe to repeat. Three times of four a lost answer is asked for again, until it comes or
// callTimeout has passed.
func (w *worker) repeat(
	ctx context.Context, key string, do func(context.Context, *client.Client, client.CallOption) (client.Booking, error),
) (client.Booking, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	stubborn := mathrand.IntN(4) != 0
	for {
		b, err := do(ctx, w.dial(), client.IdempotencyKey(key))
		if !outcomeOf(err).unknown || !stubborn || ctx.Err() != nil {
			return b, err
		}
	}
}

// outcomeOf tells a refusal from an answer that was lost.
func outcomeOf(err error) outcome {
	if err == nil {
		return outcome{}
	}
	problem, ok := errors.AsType[*client.Problem](err)
	if ok && problem.Status != http.StatusServiceUnavailable {
		return outcome{code: problem.Code}
	}
	return outcome{unknown: true}
}

// complain remembers an answer that nobody may get.
func (l *lab) complain(what string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf("%s: %v", what, err))
}

func (l *lab) record(worker int, c call, o outcome) {
	c.answer = now()
	op := porcupine.Operation{ClientId: worker, Input: c, Output: o, Call: c.sent, Return: c.answer}
	if o.unknown {
		op.Return = never
		c.answer = never
		op.Input = c
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.history = append(l.history, op)
}

func (l *lab) lose(name string, op porcupine.Operation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost[name] = op
}

func (l *lab) share(b client.Booking) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shared = append(l.shared, b)
}

// pick is one of the latest bookings. Those that nobody picks in time expire.
func (l *lab) pick() (client.Booking, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.shared) == 0 {
		return client.Booking{}, false
	}
	latest := l.shared[max(0, len(l.shared)-60):]
	return latest[mathrand.IntN(len(latest))], true
}

// settle finds out by the listing which of the lost calls made a booking, and returns the whole history. Each of those took effect
// at some time after it was sent.
func (l *lab) settle(t *testing.T) []porcupine.Operation {
	t.Helper()
	for b, err := range l.nodes[0].process.Client(t).Bookings(t.Context(), venue, client.BookingsQuery{}) {
		must(t, err)
		op, lost := l.lost[b.Customer.Name]
		if !lost {
			continue
		}
		c := callOf(op)
		c.answer = never
		// When it was to expire is known of a hold that still is one; of another it is found by trying all times.
		op.Input, op.Output = c, outcome{id: b.ID, expires: whenever(c, b)}
		l.history = append(l.history, op)
	}
	return l.history
}

// whenever is when a hold made by a lost call runs out, if the listing still tells it.
func whenever(c call, b client.Booking) int64 {
	if c.action != hold {
		return 0
	}
	if e := expiry(b); e != 0 {
		return e
	}
	return b.CreatedAt.Add(minutes * time.Minute).UnixMicro()
}

func anySlot() (slotKey, time.Time) {
	var ids []string
	for id := range resources {
		ids = append(ids, id)
	}
	all := starts()
	start := all[mathrand.IntN(len(all))]
	return slotKey{resource: ids[mathrand.IntN(len(ids))], start: start.Unix()}, start
}

func slotOf(b client.Booking) slotKey { return slotKey{resource: b.Service, start: b.Start.Unix()} }

func expiry(b client.Booking) int64 {
	if b.ExpiresAt.IsZero() {
		return 0
	}
	return b.ExpiresAt.UnixMicro()
}

func now() int64 { return time.Now().UnixMicro() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// actions counts the calls of each kind.
func (l *lab) actions() map[action]int {
	actions := make(map[action]int)
	for _, op := range l.history {
		actions[callOf(op).action]++
	}
	return actions
}

func (l *lab) String() string {
	unknown := 0
	for _, op := range l.history {
		if outcomeIn(op).unknown {
			unknown++
		}
	}
	return fmt.Sprintf("%d calls %v; %d of unknown outcome, and %d of making a booking", len(l.history), l.actions(), unknown, len(l.lost))
}
