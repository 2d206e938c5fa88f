package desk_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// Each guard is checked by a function that tells how it was broken, so that the same check can be run on a store that lacks the
// guard and must fail there.

// Two nodes book the same place. Only the comparison of revisions under the venue's row tells the second that its view is old.
func checkRevision(t *testing.T, decorate func(desk.Store) desk.Store) (oversold bool) {
	t.Helper()
	s := newShop(t)
	first, second := s.open(t, s.store), s.open(t, decorate(s.store))
	furnish(t, first, "a")
	_, err := second.view.Picture(t.Context(), "barber") // the second node has seen the shop empty
	must(t, err)
	_, err = first.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	_, err = second.Book(t.Context(), anybody, request(at(10, 0)))
	if err != nil && !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Fatal(err)
	}
	return s.taken(t, "a", at(10, 0)) > 1
}

func TestRevisionIsComparedUnderTheRow(t *testing.T) {
	t.Parallel()
	if checkRevision(t, func(s desk.Store) desk.Store { return s }) {
		t.Error("two nodes oversold a chair")
	}
	if !checkRevision(t, withoutRevisionCheck) {
		t.Error("negative control: without the revision check nothing was oversold, so the check proves nothing")
	}
}

// A hold has run out, and nobody has committed its expiry: the next booking must not be refused for it.
func checkExpiry(t *testing.T, decorate func(desk.Store) desk.Store) (blocked bool) {
	t.Helper()
	s, n := furnishedShop(t, "a")
	_, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	n.Close() // no expirer comes to help
	s.clock.Advance(10 * time.Minute)
	_, err = s.open(t, decorate(s.store)).Book(t.Context(), anybody, request(at(10, 0)))
	if err != nil && !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Fatal(err)
	}
	return err != nil
}

func TestExpiredHoldBlocksNobody(t *testing.T) {
	t.Parallel()
	if checkExpiry(t, func(s desk.Store) desk.Store { return hiddenDue{s} }) {
		t.Error("an expired hold blocked a booking")
	}
	if !checkExpiry(t, func(s desk.Store) desk.Store { return hiddenDue{withoutExpiry(s)} }) {
		t.Error("negative control: without the expiry in the transaction nothing was blocked, so the check proves nothing")
	}
}

// Three calls with the same idempotency key, one after the other.
func checkRepeat(t *testing.T, decorate func(desk.Store) desk.Store) (effects int) {
	t.Helper()
	s := newShop(t)
	n := s.open(t, decorate(s.store))
	furnish(t, n, "a", "b", "c")
	r := request(at(10, 0))
	r.Idempotency = desk.Idempotency{Key: "once", Route: "book"}
	ids := sync.Map{}
	for range 3 { // one after the other, so that each is a transaction of its own
		if made, err := n.Book(t.Context(), anybody, r); err == nil {
			ids.Store(made.Booking.ID, made.Token)
		}
	}
	ids.Range(func(any, any) bool { effects++; return true })
	return effects
}

func TestIdempotencyKeyHasOneEffect(t *testing.T) {
	t.Parallel()
	if n := checkRepeat(t, func(s desk.Store) desk.Store { return s }); n != 1 {
		t.Errorf("one key had %d effects", n)
	}
	if n := checkRepeat(t, withoutAnswers); n == 1 {
		t.Error("negative control: without the stored answers a key still had one effect, so the check proves nothing")
	}
}

// behindView takes in what was committed when somebody asks it to, and not before it lets the desk answer.
type behindView struct {
	desk.View
	changes chan booking.Change
}

func (v behindView) Apply(_ context.Context, c booking.Change) { v.changes <- c }

// Somebody books, and looks at once: at the picture that the node answers reads from.
func checkOwnWriteIsRead(t *testing.T, decorate func(*desk.Config)) (missing bool) {
	t.Helper()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	n := s.open(t, s.store, decorate)
	made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	p, err := n.view.Picture(t.Context(), "barber")
	must(t, err)
	free := p.Ledgers.Taken("a", at(10, 0), at(10, 30)) == 0
	if behind := p.Revision < made.Position.Revision; behind != free {
		t.Errorf("the place is free: %t; the view is behind the answer's position: %t", free, behind)
	}
	return free
}

func TestOwnWriteIsReadBack(t *testing.T) {
	t.Parallel()
	if checkOwnWriteIsRead(t, func(*desk.Config) {}) {
		t.Error("a booking was answered before it was applied to the view")
	}
	changes := make(chan booking.Change, 1)
	if !checkOwnWriteIsRead(t, func(c *desk.Config) { c.View = behindView{c.View, changes} }) {
		t.Error("negative control: applied late, the booking was seen all the same, so the check proves nothing")
	}
}
