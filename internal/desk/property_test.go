package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// kind is what a command is for.
type kind int

const (
	commandBook kind = iota
	commandHold
	commandExtend
	commandCancel
)

// command is one of a run. What is drawn is plain numbers; the rest is filled in when the command comes up.
type command struct {
	kind kind
	// place chooses a venue and a start, or one of the bookings that there are by then; repeat an idempotency key, 0 for none.
	place, repeat int

	name, key string
	venue     booking.VenueID
	start     time.Time
	of        *owned
}

func (w command) String() string {
	return fmt.Sprintf("wish %s (kind %d, start %s, key %q)", w.name, w.kind, w.start.Format(time.TimeOnly), w.key)
}

// run is a random history: rounds of commands that wait together, while commits are lost as planned.
type run struct {
	capacity int
	rounds   []round
}

type round struct {
	plan     []turn
	commands []command
}

var (
	drawTurn = rapid.Custom(func(t *rapid.T) turn {
		return turn{
			arrive: rapid.SampledFrom([]arrival{never, never, first, between, last}).Draw(t, "arrive"),
			loss:   rapid.SampledFrom([]loss{none, none, before, after, delayed, delayed, unavailable}).Draw(t, "loss"),
		}
	})
	drawCommand = rapid.Custom(func(t *rapid.T) command {
		return command{
			kind:   rapid.SampledFrom([]kind{commandBook, commandBook, commandHold, commandExtend, commandCancel}).Draw(t, "kind"),
			place:  rapid.IntRange(0, 11).Draw(t, "place"),
			repeat: rapid.IntRange(0, 2).Draw(t, "repeat"),
		}
	})
	drawRound = rapid.Custom(func(t *rapid.T) round {
		plan := rapid.SliceOfN(drawTurn, 0, 5).Draw(t, "plan")
		if rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
			plan = gone(plan...)
		}
		return round{plan, rapid.SliceOfN(drawCommand, 1, 6).Draw(t, "wishes")}
	})
	drawRun = rapid.Custom(func(t *rapid.T) run {
		return run{rapid.IntRange(1, 3).Draw(t, "capacity"), rapid.SliceOfN(drawRound, 1, 4).Draw(t, "rounds")}
	})
)

// runs numbers the runs of a salon, each of which has two venues of its own.
var runs atomic.Int64

// play plays a run, and says what of it was wrong.
func (s *salon) play(t *testing.T, r run) error {
	number := runs.Add(1)
	venues := [2]booking.VenueID{
		booking.VenueID(fmt.Sprintf("run-%d-a", number)), booking.VenueID(fmt.Sprintf("run-%d-b", number)),
	}
	furnishVenues(t, s.node, r.capacity, []booking.ResourceID{"a"}, venues[:]...)
	o := newOracle(r.capacity)
	names := 0
	for _, round := range r.rounds {
		var wishes []command
		for _, w := range round.commands {
			if w, ok := w.about(o, venues, fmt.Sprintf("%d-%d", number, names)); ok {
				wishes = append(wishes, w)
				names++
			}
		}
		if err := s.playRound(t, o, round.plan, wishes); err != nil {
			return err
		}
	}
	s.doubtful.arrive(t.Context())
	for _, venue := range venues {
		err := errors.Join(
			o.compare(t.Context(), s.store, venue), s.compareView(t.Context(), venue), compareStated(t.Context(), s.store, venue),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// about fills in what a command is about; false if there is nothing that it could be about.
func (w command) about(o *oracle, venues [2]booking.VenueID, name string) (command, bool) {
	w.name = name
	if w.kind == commandExtend || w.kind == commandCancel {
		if len(o.mine) == 0 {
			return w, false
		}
		w.of = o.mine[w.place%len(o.mine)]
		return w, w.kind == commandCancel || w.of.Booking.Status == booking.Held
	}
	w.venue, w.start = venues[w.place%2], at(10, 0).Add(timeStep(w.place/2%3))
	if w.repeat > 0 {
		w.key = fmt.Sprintf("%s %d %d %d", w.venue, w.kind, w.place%6, w.repeat)
	}
	return w, true
}

// playRound has the commands wait together, behind a command that holds the lane, and tells the oracle how they ended.
func (s *salon) playRound(t *testing.T, o *oracle, plan []turn, wishes []command) error {
	release := s.hold(t)
	s.doubtful.follow(append([]turn{{}}, plan...)...)
	replies := make([]reply, len(wishes))
	var all sync.WaitGroup
	for i, w := range wishes {
		all.Go(func() {
			made, err := s.make(t.Context(), w)
			replies[i] = reply{w, made, err}
		})
		s.AwaitWaiting(i + 1)
	}
	release()
	all.Wait()
	s.doubtful.follow()
	var err error
	for i := range replies {
		err = errors.Join(err, o.hear(&replies[i]))
	}
	return err
}

// make sends a command to the desk.
func (s *salon) make(ctx context.Context, w command) (desk.Outcome, error) {
	if w.of != nil {
		call := s.Extend
		if w.kind == commandCancel {
			call = s.Cancel
		}
		return call(ctx, holder(w.of.Token), transition(w.of.Booking))
	}
	r := in(w.venue, request(w.start))
	r.Hold, r.Customer.Name = w.kind == commandHold, w.name
	if w.key != "" {
		r = keyed(r, w.key)
	}
	return s.Book(ctx, anybody, r)
}

// compareView brings the view to the store's revision, as the next command would, and compares it with a picture read anew.
func (s *salon) compareView(ctx context.Context, venue booking.VenueID) error {
	grown, err := s.view.CatchUp(ctx, venue)
	if err != nil {
		return err
	}
	read, err := s.view.Reload(ctx, venue)
	if err != nil {
		return err
	}
	for i := range 3 {
		from := at(10, 0).Add(timeStep(i))
		a, b := grown.Ledgers.Taken("a", from, from.Add(time.Minute)), read.Ledgers.Taken("a", from, from.Add(time.Minute))
		if grown.Revision != read.Revision || a != b {
			return fmt.Errorf("%s: the view has %d taken at revision %d, the store %d at %d", venue, a, grown.Revision, b, read.Revision)
		}
	}
	return nil
}

func TestRandomDoubts(t *testing.T) {
	t.Parallel()
	play := player(t)
	rapid.Check(t, func(rt *rapid.T) {
		if err := play(drawRun.Draw(rt, "run")); err != nil {
			rt.Error(err)
		}
	})
}

// player plays runs in a bubble, in which waiting takes no time. Whoever draws and shrinks them has a deadline by the true clock, and
// stays outside.
func player(t *testing.T) (play func(run) error) {
	drawn, played, ended := make(chan run), make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		synctest.Test(t, func(t *testing.T) {
			s := newSalon(t, undecorated)
			furnish(t, s.node, "a")
			for r := range drawn {
				played <- s.play(t, r)
			}
		})
	}()
	t.Cleanup(func() { close(drawn); <-ended })
	return func(r run) error {
		select {
		case drawn <- r:
			select {
			case err := <-played:
				return err
			case <-ended:
			}
		case <-ended:
		}
		return errors.New("the bubble has burst")
	}
}

// The same runs on desks that lack a guard: among a few, one goes wrong.
func TestRandomDoubtsNeedTheGuards(t *testing.T) {
	t.Parallel()
	for name, decorate := range map[string]func(desk.Store) desk.Store{
		"the fence": withoutFence, "the batches' ids": withoutBatches, "the answers": withoutAnswers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSalon(t, decorate)
				furnish(t, s.node, "a")
				for seed := range 300 {
					if err := s.play(t, drawRun.Example(seed)); err != nil {
						t.Logf("run %d: %v", seed, err)
						return
					}
				}
				t.Errorf("negative control: without %s all went well, so the check proves nothing", name)
			})
		})
	}
}
