package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

// model is the server's side of one live query, simple enough to be right: every slot with the revision that last changed it.
// A delta for a reader is the latest value of each slot that is newer than the reader's position.
type model struct {
	mu       sync.Mutex
	zone     *time.Location
	dates    []string
	slots    map[int64]modelSlot
	revision int
	oldest   int           // positions before it are answered with reset
	changed  chan struct{} // closed at the next change
}

type modelSlot struct {
	Slot
	revision int
}

// newModel has three days around the end of summer time on Lord Howe Island, where an hour has half a twin.
func newModel() *model {
	zone, err := time.LoadLocation("Australia/Lord_Howe")
	if err != nil {
		panic(err)
	}
	return &model{
		zone: zone, dates: []string{"2026-04-04", "2026-04-05", "2026-04-06"},
		slots: make(map[int64]modelSlot), changed: make(chan struct{}),
	}
}

// start is the i-th half hour of the window.
func (m *model) start(i int) time.Time {
	return time.Date(2026, 4, 4, 0, 0, 0, 0, m.zone).Add(time.Duration(i) * 30 * time.Minute)
}

// halfHours is how many starts the window has: half an hour more than three days.
const halfHours = 3*48 + 1

// set changes the i-th slot; remaining -1 removes it.
func (m *model) set(i, remaining int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	start := m.start(i)
	m.revision++
	slot := Slot{Start: start, End: start.Add(45 * time.Minute), Remaining: remaining, Capacity: 9, Status: Available}
	switch {
	case remaining < 0:
		slot.Remaining, slot.Capacity, slot.Status = 0, 0, Closed
	case remaining == 0:
		slot.Status = Full
	case remaining < 5:
		slot.Status = Limited
	}
	m.slots[start.Unix()] = modelSlot{slot, m.revision}
	close(m.changed)
	m.changed = make(chan struct{})
}

// forget makes all positions so far unknown, as another epoch does.
func (m *model) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revision++
	m.oldest = m.revision
}

// random changes one slot somehow.
func (m *model) random(r *rand.Rand) { m.set(r.IntN(halfHours), r.IntN(11)-1) }

func (m *model) snapshot() Availability {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := Availability{Venue: "v", Service: "s", TimeZone: m.zone.String(), Position: strconv.Itoa(m.revision)}
	for _, date := range m.dates {
		a.Days = append(a.Days, Day{Date: date, Status: m.status(date), Slots: m.on(date)})
	}
	return a
}

// since is what a reader at the position has missed, or false if the model cannot tell.
func (m *model) since(position string) (Delta, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen, err := strconv.Atoi(position)
	if err != nil || seen < m.oldest || seen > m.revision {
		return Delta{}, false
	}
	d := Delta{Position: strconv.Itoa(m.revision), CommittedAt: time.Unix(1, 0)}
	for _, key := range slices.Sorted(maps.Keys(m.slots)) {
		if slot := m.slots[key]; slot.revision > seen {
			d.Slots = append(d.Slots, slot.Slot)
		}
	}
	for _, date := range m.dates {
		d.Days = append(d.Days, Day{Date: date, Status: m.status(date)})
	}
	return d, true
}

func (m *model) on(date string) []Slot {
	slots := []Slot{}
	for _, key := range slices.Sorted(maps.Keys(m.slots)) {
		if slot := m.slots[key].Slot; slot.Status != Closed && slot.Start.Format(time.DateOnly) == date {
			slots = append(slots, slot)
		}
	}
	return slots
}

// status is the best of a day's slots.
func (m *model) status(date string) SlotStatus {
	order := []SlotStatus{Available, Limited, Full, Closed}
	best := Closed
	for _, slot := range m.on(date) {
		best = slices.MinFunc([]SlotStatus{best, slot.Status}, func(a, b SlotStatus) int {
			return cmp.Compare(slices.Index(order, a), slices.Index(order, b))
		})
	}
	return best
}

// next waits until the model has something that a reader at the position has not, and returns its frames. quit ends the wait.
func (m *model) next(position string, quit <-chan struct{}) []modelFrame {
	for {
		m.mu.Lock()
		changed := m.changed
		m.mu.Unlock()
		d, known := m.since(position)
		switch {
		case position == "":
			return []modelFrame{frameOf("snapshot", m.snapshot())}
		case !known:
			return []modelFrame{frameOf("reset", map[string]string{"reason": "position_unknown"}), frameOf("snapshot", m.snapshot())}
		case d.Position != position:
			return []modelFrame{frameOf("delta", d)}
		}
		select {
		case <-changed:
		case <-quit:
			return nil
		}
	}
}

// modelFrame is a frame of the live protocol.
type modelFrame struct {
	kind     string
	position string
	data     []byte
}

func frameOf(kind string, body any) modelFrame {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	var at struct{ Position string }
	if err := json.Unmarshal(data, &at); err != nil {
		panic(err)
	}
	return modelFrame{kind, at.Position, data}
}

// sse is the frame as a stream has it.
func (f modelFrame) sse() string {
	id := ""
	if f.position != "" {
		id = "id: " + f.position + "\n"
	}
	return fmt.Sprintf("event: %s\n%sdata: %s\n\n", f.kind, id, f.data)
}
