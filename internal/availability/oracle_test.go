package availability_test

import (
	"fmt"
	"slices"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/ledger"
	"vacancy/internal/schedule"
)

// books is the plainest Ledgers: a ledger for each resource.
type books map[booking.ResourceID]ledger.Ledger

func (b books) Taken(id booking.ResourceID, start, end time.Time) int { return b[id].Taken(start, end) }

func (b books) add(c booking.Claim) {
	edit := b[c.Resource].Edit()
	if err := edit.Add(c); err != nil {
		panic(err)
	}
	b[c.Resource] = edit.Ledger()
}

// take adds a claim to the query's books.
func take(q availability.Query, c booking.Claim) {
	b, ok := q.Ledgers.(books)
	if !ok {
		panic("the query has other ledgers")
	}
	b.add(c)
}

// world is the naive reading of the rules that the package is compared with. It looks at every minute of some days one by one: who
// is open, who may start, how much is taken.
type world struct {
	query   availability.Query
	claims  []booking.Claim
	begin   time.Time
	minutes int
	members []naiveMember // of the whole pool, without those that cannot be booked
}

type naiveMember struct {
	id       booking.ResourceID
	capacity int
	open     []bool
	start    []bool
	taken    []int
}

// newWorld looks at the days around a date, so many on each side. The query's Ledgers are made from the claims.
func newWorld(q availability.Query, around booking.Date, reach int, claims []booking.Claim) *world {
	w := &world{query: q, claims: claims, minutes: (2*reach + 1) * 24 * 60}
	w.begin = time.Date(around.Year, around.Month, around.Day-reach, 0, 0, 0, 0, time.UTC)
	ledgers := books{}
	for _, c := range claims {
		ledgers.add(c)
	}
	w.query.Ledgers = ledgers
	if reach == 0 {
		return w
	}
	for _, id := range q.Service.Requires[0].AnyOf {
		if r, known := q.Resources[id]; known && !r.Archived {
			w.members = append(w.members, w.member(r, around.AddDays(-reach-3), around.AddDays(reach+3)))
		}
	}
	return w
}

func (w *world) member(r booking.Resource, from, to booking.Date) naiveMember {
	m := naiveMember{
		id: r.ID, capacity: r.Capacity,
		open: make([]bool, w.minutes), start: make([]bool, w.minutes), taken: make([]int, w.minutes),
	}
	for _, o := range schedule.Openings(r.Schedule, w.query.Zone, from, to) {
		for i := w.minute(o.Start); i < w.minute(o.End); i++ {
			if 0 <= i && i < w.minutes {
				m.open[i] = true
			}
		}
		for start := range o.Starts(w.query.Service.Step) {
			if i := w.minute(start); 0 <= i && i < w.minutes {
				m.start[i] = true
			}
		}
	}
	for _, c := range w.claims {
		for i := w.minute(c.Start); c.Resource == r.ID && i < w.minute(c.End); i++ {
			m.taken[i] += c.Units
		}
	}
	return m
}

func (w *world) minute(t time.Time) int { return int(t.Sub(w.begin) / time.Minute) }

func (w *world) instant(i int) time.Time {
	return w.begin.Add(time.Duration(i) * time.Minute).In(w.query.Zone)
}

// judgement is what the rules say of one minute.
type judgement struct {
	err   error
	start availability.Start
	// free is what each member that has the start in its hours has free.
	free map[booking.ResourceID]int
}

// judge applies the rules to the i-th minute, for the chosen member or, if that is "", for the pool.
func (w *world) judge(i int, chosen booking.ResourceID) judgement {
	service := w.query.Service
	at := w.instant(i)
	j := judgement{free: map[booking.ResourceID]int{}, start: availability.Start{Start: at, End: at.Add(service.Duration)}}
	length, before, after := int(service.Duration/time.Minute), int(service.BufferBefore/time.Minute), int(service.BufferAfter/time.Minute)
	for _, m := range w.members {
		if chosen != "" && chosen != m.id || !m.start[i] || slices.Contains(m.open[i:i+length], false) {
			continue
		}
		free := m.capacity - slices.Max(m.taken[i-before:i+length+after])
		j.free[m.id] = free
		j.start.Capacity += w.most(m.capacity)
		j.start.Remaining += w.most(free)
		for party := service.PartySize.Min; party <= service.PartySize.Max; party++ {
			if service.Requires[0].UnitsFor(party) <= free {
				j.start.Largest = max(j.start.Largest, party)
			}
		}
	}
	switch {
	case len(j.free) == 0:
		j.err = booking.ErrNotASlot
	case !at.Add(-service.MinNotice).After(w.query.Now):
		j.err = booking.ErrTooSoon
	case w.today().DaysUntil(booking.DateOf(at)) > service.HorizonDays:
		j.err = booking.ErrBeyondHorizon
	}
	return j
}

// today is the latest date that the clock showed in the last hours.
func (w *world) today() booking.Date {
	today := booking.DateOf(w.query.Now.In(w.query.Zone))
	for minutes := range 180 {
		if shown := booking.DateOf(w.query.Now.Add(time.Duration(-minutes) * time.Minute).In(w.query.Zone)); today.Compare(shown) < 0 {
			today = shown
		}
	}
	return today
}

// most is the most that can be placed in free units, found by placing: bookings, or people in parties of every allowed size.
func (w *world) most(free int) int {
	need, size := w.query.Service.Requires[0], w.query.Service.PartySize
	if !need.PerPerson {
		n := 0
		for (n+1)*need.Units <= free {
			n++
		}
		return n
	}
	best := 0
	placed := map[int]bool{0: true} // the numbers of people that some parties make up
	for people := 1; people*need.Units <= free; people++ {
		for party := size.Min; party <= size.Max; party++ {
			if placed[people-party] {
				placed[people] = true
				best = people
			}
		}
	}
	return best
}

// fits tells whether the party can book the start.
func (j judgement) fits(party int) bool { return j.err == nil && party <= j.start.Largest }

// mutant alters the query before the package sees it, while the oracle judges by the original.
type mutant func(availability.Query) availability.Query

func genuine(q availability.Query) availability.Query { return q }

// differ says where listing and fitting differ from the rules on the dates from..to.
func (w *world) differ(alter mutant, from, to booking.Date) error {
	q := alter(w.query)
	days := availability.ForDays(q, from, to)
	if len(days) != from.DaysUntil(to)+1 {
		return fmt.Errorf("%d days", len(days))
	}
	for n, day := range days {
		if day.Date != from.AddDays(n) {
			return fmt.Errorf("day %d is %s", n, day.Date)
		}
		if err := w.differOnDay(q, day); err != nil {
			return fmt.Errorf("%s: %w", day.Date, err)
		}
	}
	return nil
}

func (w *world) differOnDay(q availability.Query, day availability.Day) error {
	listed := map[int]availability.Start{}
	for n, s := range day.Starts {
		if n > 0 && !day.Starts[n-1].Start.Before(s.Start) {
			return fmt.Errorf("%v is not after %v", s.Start, day.Starts[n-1].Start)
		}
		listed[w.minute(s.Start)] = s
	}
	midnight := w.minute(time.Date(day.Date.Year, day.Date.Month, day.Date.Day, 0, 0, 0, 0, time.UTC))
	for i := midnight - 24*60; i < midnight+48*60; i++ {
		got, found := listed[i]
		candidate := slices.ContainsFunc(w.members, func(m naiveMember) bool { return m.start[i] })
		if !found && !candidate && i%30 != 0 || booking.DateOf(w.instant(i)) != day.Date {
			continue
		}
		j := w.judge(i, w.query.Resource)
		if found != (j.err == nil) {
			return fmt.Errorf("%v is listed: %v, but: %w", w.instant(i), found, j.err)
		}
		if found && got != j.start {
			return fmt.Errorf("listed %+v, want %+v", got, j.start)
		}
		if err := w.differInFit(q, j); err != nil {
			return fmt.Errorf("at %v: %w", w.instant(i), err)
		}
		delete(listed, i)
	}
	if len(listed) > 0 {
		return fmt.Errorf("listed on another day: %v", listed)
	}
	return nil
}

// differInFit asks for a booking of every size that the service takes.
func (w *world) differInFit(q availability.Query, j judgement) error {
	service := w.query.Service
	for party := service.PartySize.Min; party <= service.PartySize.Max; party++ {
		claims, err := availability.Fit(q, j.start.Start.UTC(), party)
		want := j.err
		if want == nil && !j.fits(party) {
			want = booking.ErrSlotUnavailable
		}
		if err != want { //nolint:errorlint // it is a sentinel itself
			return fmt.Errorf("party of %d: %w, want %w", party, err, want)
		}
		if full := j.start.Slot(service, party).Status == booking.Full; j.err == nil && full == (err == nil) {
			return fmt.Errorf("party of %d: full %v, but %w", party, full, err)
		}
		if err != nil {
			continue
		}
		if err := w.checkClaims(j, party, claims); err != nil {
			return fmt.Errorf("party of %d: %w", party, err)
		}
	}
	return nil
}

func (w *world) checkClaims(j judgement, party int, claims []booking.Claim) error {
	service := w.query.Service
	if len(claims) != 1 {
		return fmt.Errorf("claims %v", claims)
	}
	c := claims[0]
	free, offered := j.free[c.Resource]
	switch {
	case !offered || c.Units != service.Requires[0].UnitsFor(party) || c.Units > free:
		return fmt.Errorf("claim %v, free %v", c, j.free)
	case !c.Start.Equal(j.start.Start.Add(-service.BufferBefore)) || !c.End.Equal(j.start.End.Add(service.BufferAfter)):
		return fmt.Errorf("claim %v of %v to %v", c, j.start.Start, j.start.End)
	}
	for id, other := range j.free {
		if c.Units <= other && other < free {
			return fmt.Errorf("claim %v, but %s is the tighter fit: %v", c, id, j.free)
		}
	}
	return nil
}
