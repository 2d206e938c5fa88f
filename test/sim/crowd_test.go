package sim

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// together sends the same to some nodes at once, and waits for all answers.
func (w *world) together(n int, send func(i int) (desk.Outcome, error)) ([]desk.Outcome, []error) {
	outcomes, errs := make([]desk.Outcome, n), make([]error, n)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			outcomes[i], errs[i] = send(i)
		})
	}
	close(begin)
	all.Wait()
	for _, node := range w.nodes { // which of them knows what is a matter of chance
		node.view.Check(w.ctx)
	}
	return outcomes, errs
}

// doCrowd has some book the same at once, on both nodes. As many must succeed as there is room for, and no more; the order is theirs.
func (w *world) doCrowd(c command) {
	s, ok := w.anyService(c, 0)
	if !ok {
		return
	}
	r := w.crowdRequest(c, s)
	size := c.pick(5, 5) + 2
	if c.pick(7, 4) == 3 {
		w.crowdBoth(c, r, size)
		return
	}
	key := ""
	if c.pick(7, 4) == 2 {
		key = fmt.Sprintf("crowd %d", len(w.log))
	}
	wish := w.newBooking(r, key)
	w.note("%d at once: %s", size, wish.what)
	got, errs := w.together(size, func(i int) (desk.Outcome, error) { return wish.send(w.ctx, w.nodes[(i+c.n[6])%2], wish.repeat()) })
	if key == "" {
		w.crowded(r, got, errs)
		return
	}
	w.log[len(w.log)-1] += "  ->  " + w.said(errs[0])
	w.tally.count("crowd: one key")
	for i := range got { // whoever came first: all get the one answer
		w.settle(wish, got[i], errs[i])
	}
}

// crowdRequest is what a crowd wants of a service.
func (w *world) crowdRequest(c command, s booking.Service) desk.BookRequest {
	return desk.BookRequest{
		Venue: w.id, Service: s.ID, Start: w.someStart(c, s), Hold: c.pick(4, 2) == 0, Customer: ada,
		PartySize: s.PartySize.Min + c.pick(3, s.PartySize.Max-s.PartySize.Min+1),
	}
}

// crowdBoth has a crowd in each venue at once, so that transactions decide for both. None may have an effect on the other.
func (w *world) crowdBoth(c command, r desk.BookRequest, size int) {
	here, there := w.site, w.other()
	w.site = there
	s, ok := w.anyService(c, 0)
	if !ok {
		w.site = here
		return
	}
	requests := [venueCount]desk.BookRequest{r, w.crowdRequest(c, s)}
	second := w.newBooking(requests[1], "")
	w.site = here
	wishes := [venueCount]call{w.newBooking(r, ""), second}
	w.note("%d at once: %s; and as many in the other venue: %s", size, wishes[0].what, wishes[1].what)
	w.tally.count("crowd: both venues")
	got, errs := w.together(venueCount*size, func(i int) (desk.Outcome, error) {
		wish := wishes[i%venueCount]
		return wish.send(w.ctx, w.nodes[(i/venueCount+c.n[6])%2], wish.repeat())
	})
	for i, at := range []*site{here, there} {
		var outcomes []desk.Outcome
		var refusals []error
		for j := i; j < len(got); j += venueCount {
			outcomes, refusals = append(outcomes, got[j]), append(refusals, errs[j])
		}
		w.site = at
		w.crowded(requests[i], outcomes, refusals)
	}
}

// crowded takes the successes in, in the order of their revisions, and compares how many they are.
func (w *world) crowded(r desk.BookRequest, got []desk.Outcome, errs []error) {
	now := w.clock.Now()
	tx := w.begin(now)
	_, j, refusal := tx.wish(r)
	room := 0
	if refusal == nil {
		for _, free := range j.free {
			room += free / unitsFor(tx.services[r.Service], r.PartySize)
		}
		refusal = booking.ErrSlotUnavailable // for those who find no room
	}
	var won []desk.Outcome
	for i, err := range errs {
		if err == nil {
			won = append(won, got[i])
		} else {
			w.answered(err, refusal)
		}
	}
	w.log[len(w.log)-1] += fmt.Sprintf("  ->  %d of them", len(won))
	switch {
	case len(won) == 0:
		w.tally.count("crowd: none")
	case len(won) < len(errs):
		w.tally.count("crowd: some")
	default:
		w.tally.count("crowd: all")
	}
	if want := min(room, len(errs)); len(won) != want {
		w.failf("%d of %d succeeded, and there was room for %d", len(won), len(errs), want)
	}
	slices.SortFunc(won, func(a, b desk.Outcome) int {
		return cmp.Or(cmp.Compare(a.Booking.Revision, b.Booking.Revision),
			cmp.Compare(a.Booking.Claims[0].Resource, b.Booking.Claims[0].Resource))
	})
	for _, o := range won {
		if o.Booking.Revision > tx.next { // the batch before it ended
			tx.end()
			tx = w.begin(now)
		}
		b, j, err := tx.wish(r)
		w.answered(nil, err)
		j.free = w.anyFree(j) // those of one batch came in an order that is not known
		w.same(o.Booking, tx.add(w.adopt(b, j, o), o.Token))
	}
	tx.end()
}

// anyFree hides how much is free of each member, but for whether there is enough.
func (w *world) anyFree(j verdict) map[booking.ResourceID]int {
	free := make(map[booking.ResourceID]int)
	for id, n := range j.free {
		free[id] = min(n, 0)
		if n > 0 {
			free[id] = 1 << 20
		}
	}
	return free
}

// doDuel has one confirm a hold while another cancels it. Whoever comes first: it is cancelled in the end.
func (w *world) doDuel(c command) {
	at := slices.IndexFunc(w.bookings, func(b booking.Booking) bool { return b.Status == booking.Held && w.clock.Now().Before(b.ExpiresAt) })
	if at < 0 {
		return
	}
	id := w.bookings[at].ID
	steps := []call{w.newStep(confirm, staff, id, grace, "", ""), w.newStep(cancel, staff, id, grace, "", "")}
	w.note("at once: confirm and cancel #%d", at)
	got, errs := w.together(2, func(i int) (desk.Outcome, error) {
		return steps[i].send(w.ctx, w.nodes[(i+c.n[0])%2], desk.Idempotency{})
	})
	w.answered(errs[1], nil)
	tx := w.begin(w.clock.Now())
	if errs[0] == nil {
		w.tally.count("duel: confirmed first")
		want, err := tx.step(confirm, staff, id, grace)
		w.answered(nil, err)
		w.same(got[0].Booking, want)
		if got[1].Booking.Revision > tx.next {
			tx.end()
			tx = w.begin(w.clock.Now())
		}
	} else {
		w.tally.count("duel: cancelled first")
		w.answered(errs[0], booking.ErrWrongStatus)
	}
	want, err := tx.step(cancel, staff, id, grace)
	w.answered(nil, err)
	w.same(got[1].Booking, want)
	tx.end()
}

// doBurst makes many holds of each service, more together than an edit looks at, and may let them run out.
func (w *world) doBurst(c command) {
	for _, id := range sorted(w.services) {
		s := w.services[id]
		start, made := w.someStart(c, s), 0
		wish := w.newBooking(desk.BookRequest{Service: id, Start: start, PartySize: s.PartySize.Min, Hold: true}, "")
		w.note("first node: %s, again and again", wish.what)
		for ; made < burstSize; made++ {
			got, err := wish.send(w.ctx, w.nodes[0], desk.Idempotency{})
			if w.settle(wish, got, err); err != nil {
				break
			}
		}
		w.log[len(w.log)-1] += fmt.Sprintf("  ->  %d times", made)
	}
	if c.pick(3, 2) == 0 {
		w.clock.advance(time.Duration(c.pick(4, 60)) * time.Minute)
		w.note("time has passed")
	}
}

// burstSize is how many holds of one service a burst makes.
const burstSize = booking.MaxInUse + 5
