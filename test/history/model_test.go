package history

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"vacancy/client"
)

// slotKey is one slot: its resource, which one service takes whole, and its start. Slots do not touch each other, so each has a
// history of its own.
type slotKey struct {
	resource string
	start    int64
}

type action string

const (
	hold    action = "hold"
	book    action = "book"
	confirm action = "confirm"
	cancel  action = "cancel"
	query   action = "query" // one booking
	count   action = "count"
)

// call is what a client asked, and the times between which it had its effect, in Unix microseconds of the one clock of this machine.
type call struct {
	slot         slotKey
	capacity     int
	action       action
	id           string // of confirm, cancel and look
	sent, answer int64
}

// outcome is what the client was told.
type outcome struct {
	// unknown: no answer came.
	unknown bool
	// code is that of a refusal, "" for success.
	code string
	// id and expires are of the booking made; status is what a look saw; remaining what a count saw.
	id        string
	expires   int64
	status    client.BookingStatus
	remaining int
}

// entry is a booking of the slot as the model has it. Only holds have expires.
type entry struct {
	id      string
	status  client.BookingStatus
	expires int64
}

// state is the bookings of a slot by id. It is never changed in place.
type state []entry

func (s state) find(id string) (int, bool) {
	return slices.BinarySearchFunc(s, id, func(e entry, id string) int { return cmp.Compare(e.id, id) })
}

// with is the state with an entry added or replaced.
func (s state) with(e entry) state {
	i, found := s.find(e.id)
	next := slices.Clone(s)
	if found {
		next[i] = e
		return next
	}
	return slices.Insert(next, i, e)
}

func (s state) taken() (n int) {
	for _, e := range s {
		if e.status == client.Held || e.status == client.Confirmed {
			n++
		}
	}
	return n
}

// settled are the states that the slot can be in once the holds that have run out by then have expired, for a call that judged them
// at some moment between its two times: a hold that ran out before it was sent is gone, one that runs out after its answer stays,
// and of one that runs out in between both are possible.
func (s state) settled(c call) []state {
	states := []state{s}
	for _, e := range s {
		if e.status != client.Held || e.expires > c.answer {
			continue
		}
		expired := entry{id: e.id, status: client.Expired}
		next := make([]state, 0, 2*len(states))
		for _, one := range states {
			next = append(next, one.with(expired))
			if e.expires > c.sent {
				next = append(next, one)
			}
		}
		states = next
	}
	return states
}

// step is every state that the call can lead to with that outcome; none if it cannot have had it.
func (s state) step(c call, o outcome) (next []state) {
	if c.action == query || c.action == count {
		return s.read(c, o)
	}
	for _, from := range s.settled(c) {
		to, code := from.apply(c, o)
		switch {
		case o.unknown && code == "":
			next = append(next, from, to)
		case o.unknown:
			next = append(next, from)
		case code == o.code:
			next = append(next, to)
		}
	}
	return next
}

// apply is what a command does to a settled state, or the code of its refusal.
func (s state) apply(c call, o outcome) (to state, code string) {
	if c.action == hold || c.action == book {
		if s.taken() >= c.capacity {
			return s, client.CodeSlotUnavailable
		}
		made := entry{id: o.id, status: client.Confirmed}
		if c.action == hold {
			made.status, made.expires = client.Held, o.expires
		}
		return s.with(made), ""
	}
	i, found := s.find(c.id)
	if !found {
		return s, client.CodeNotFound
	}
	status := s[i].status
	switch {
	case c.action == confirm && status == client.Held:
		return s.with(entry{id: c.id, status: client.Confirmed}), ""
	case c.action == confirm && status == client.Expired:
		return s, client.CodeHoldExpired
	case c.action == cancel && (status == client.Held || status == client.Confirmed):
		return s.with(entry{id: c.id, status: client.Cancelled}), ""
	case c.action == confirm && status == client.Confirmed, c.action == cancel && status == client.Cancelled:
		return s, ""
	}
	return s, client.CodeWrongStatus
}

// read is the state if it shows what was seen. A hold that has run out is shown as taken until its expiry is committed, which a
// read does not do; so both are right, and which it was is then part of the state.
func (s state) read(c call, o outcome) (next []state) {
	if o.unknown {
		return []state{s}
	}
	lenient := c
	lenient.sent = 0
	for _, from := range s.settled(lenient) {
		if c.action == count {
			if c.capacity-from.taken() == o.remaining {
				next = append(next, from)
			}
			continue
		}
		if i, found := from.find(c.id); found && from[i].status == o.status {
			next = append(next, from)
		}
	}
	return next
}

func (s state) String() string {
	var b strings.Builder
	for _, e := range s {
		fmt.Fprintf(&b, "%s:%s:%d ", e.id, e.status, e.expires)
	}
	return b.String()
}

// model is the slot as porcupine wants it.
func model() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{state(nil)} },
		Step: func(from, input, output any) []any {
			s, _ := from.(state)
			c, _ := input.(call)
			o, _ := output.(outcome)
			next := s.step(c, o)
			states := make([]any, len(next))
			for i := range next {
				states[i] = next[i]
			}
			return states
		},
		Equal: func(a, b any) bool {
			one, _ := a.(state)
			other, _ := b.(state)
			return slices.Equal(one, other)
		},
		Hash: func(s any) uint64 {
			h := fnv.New64a()
			one, _ := s.(state)
			_, _ = h.Write([]byte(one.String()))
			return h.Sum64()
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	}
	return m.ToModel()
}

// callOf and outcomeIn are the two sides of an operation; there are no others.
func callOf(op porcupine.Operation) call {
	c, _ := op.Input.(call)
	return c
}

func outcomeIn(op porcupine.Operation) outcome {
	o, _ := op.Output.(outcome)
	return o
}

// bySlot parts a history into those of its slots.
func bySlot(history []porcupine.Operation) map[slotKey][]porcupine.Operation {
	parts := make(map[slotKey][]porcupine.Operation)
	for _, op := range history {
		slot := callOf(op).slot
		parts[slot] = append(parts[slot], op)
	}
	return parts
}
