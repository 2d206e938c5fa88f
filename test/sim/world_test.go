package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

var (
	staff  = booking.Actor{Kind: booking.Staff, Key: "sim"}
	public = booking.Actor{Kind: booking.Public}
	ada    = booking.Customer{Name: "Ada", Email: "ada@example.com"}
	grace  = booking.Customer{Name: "Grace", Phone: "+1 212 555 0100", Note: "Quietly."}
	nameOf = map[booking.Customer]string{ada: "Ada", grace: "Grace", {}: "nobody", {Name: "X"}: "X, who cannot be reached"}
)

func holder(token string) booking.Actor {
	return booking.Actor{Kind: booking.TokenHolder, TokenHash: booking.HashToken(token)}
}

// site is one venue of a run: how it begins, what it must be like, and what was done to it.
type site struct {
	*model
	planned venuePlan
	// sent are the calls with an idempotency key, to be sent again.
	sent    []call
	readers [2]*reader
}

// world is one run: a store, two nodes on it, and what they must be like.
type world struct {
	testing.TB
	// The site that the current command is about, which is one of sites.
	*site
	sites   [venueCount]*site
	ctx     context.Context
	plan    plan
	harness harness
	clock   *manualClock
	again   func(context.Context) (store.Store, error)
	// decorate is what the second node's desk writes through: a store without a guard, in a negative control.
	decorate func(desk.Store) desk.Store
	store    store.Store
	nodes    [2]*node
	epoch    booking.Epoch

	// crisp is when every cache of a second is over that was filled before the clock moved by less.
	crisp time.Time
	log   []string
	tally tally
}

// violation is what ends a run.
type violation struct{ text string }

// failf ends the run.
func (w *world) failf(format string, args ...any) {
	panic(violation{fmt.Sprintf(format, args...)})
}

func (w *world) must(what string, err error) {
	if err != nil {
		w.failf("%s: %v", what, err)
	}
}

// note writes a line of the log. The same plan gives the same lines, or rapid could not shrink it: no random ids, and no revisions, which
// depend on how a crowd falls into batches.
func (w *world) note(format string, args ...any) {
	w.log = append(w.log, w.wall(w.clock.Now())+"  "+string(w.id)+", "+fmt.Sprintf(format, args...))
}

// wall is an instant as the venue's clock shows it.
func (w *world) wall(t time.Time) string {
	return t.In(w.calendar.zone).Format("2006-01-02T15:04:05.999999-07:00")
}

// run does what a plan says on a store, and returns what happened, and what was wrong.
func run(tb testing.TB, p plan, h harness, decorate func(desk.Store) desk.Store) (happened tally, err error) {
	tb.Helper()
	base := time.Date(p.base.Year, p.base.Month, p.base.Day, 0, 0, 0, 0, time.UTC)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute+time.Duration(len(p.commands))*time.Second)
	defer cancel()
	w := &world{
		TB: tb, ctx: ctx, plan: p, harness: h, clock: &manualClock{now: base.Add(p.after)}, decorate: decorate,
	}
	for i, v := range p.venues {
		w.sites[i] = &site{model: newModel(v.id, calendarOf(tb, v.zone, p.base)), planned: v}
	}
	w.site = w.sites[0]
	w.again = h.open(tb, w.clock)
	defer w.close()
	defer func() {
		if fault := recover(); fault != nil {
			happened, err = w.tally, w.report(fault)
		}
	}()
	w.openStore()
	w.everywhere(w.build)
	for _, c := range p.commands {
		w.site = w.sites[c.venue]
		w.do(c)
		w.everywhere(w.check)
	}
	w.compareAll()
	return w.tally, nil
}

// everywhere does something of each venue.
func (w *world) everywhere(do func()) {
	current := w.site
	defer func() { w.site = current }()
	for _, w.site = range w.sites {
		do()
	}
}

// other is the venue that the current command is not about.
func (w *world) other() *site {
	if w.site == w.sites[0] {
		return w.sites[1]
	}
	return w.sites[0]
}

// report tells what went wrong, after everything that was done.
func (w *world) report(fault any) error {
	v, ok := fault.(violation)
	if !ok {
		v.text = fmt.Sprintf("panic: %v\n%s", fault, debug.Stack())
	}
	return fmt.Errorf("%s\n  =>  %s", strings.Join(w.log, "\n"), v.text)
}

func (w *world) openStore() {
	s, err := w.again(w.ctx)
	w.must("open the store", err)
	w.store = s
	w.openNode(0)
	w.openNode(1)
}

// openNode starts a node, on a store of its own if there can be several.
func (w *world) openNode(i int) {
	s := w.store
	if w.harness.several {
		own, err := w.again(w.ctx)
		w.must("open a node's store", err)
		s = own
	}
	var writer desk.Store = s
	ahead := time.Duration(0)
	if i == 1 {
		writer, ahead = w.decorate(s), w.plan.skew
	}
	n, err := openNode(w.ctx, s, writer, w.clock.Now, ahead)
	w.must("open a node", err)
	w.nodes[i] = n
}

// closeNode ends a node, and its store if that is its own.
func (w *world) closeNode(i int) error {
	n := w.nodes[i]
	w.nodes[i] = nil
	if n == nil {
		return nil
	}
	n.close()
	if n.store == w.store {
		return nil
	}
	return n.store.Close()
}

// closeStore ends everything.
func (w *world) closeStore() error {
	err := errors.Join(w.closeNode(0), w.closeNode(1))
	if w.store != nil {
		err = errors.Join(err, w.store.Close())
	}
	w.store = nil
	return err
}

func (w *world) close() {
	if err := w.closeStore(); err != nil {
		w.Errorf("close the store: %v", err)
	}
}

// build makes a venue, by the first node.
func (w *world) build() {
	n := w.nodes[0]
	w.putVenue(n, booking.Venue{
		ID: w.id, Name: "The House", TimeZone: w.planned.zone, Contact: booking.Contact{Email: "house@example.com"},
	}, desk.Condition{})
	for _, r := range w.planned.resources {
		w.putResource(n, r, desk.Condition{})
	}
	for _, s := range w.planned.services {
		w.putService(n, s, desk.Condition{})
	}
	picture, err := n.view.Picture(w.ctx, w.id)
	w.must("read the venue", err)
	w.epoch = picture.Epoch
}

// node is the one that a command is sent to, and its name.
func (w *world) node(c command) (*node, string) {
	if c.second {
		return w.nodes[1], "second node"
	}
	return w.nodes[0], "first node"
}

// do runs one command.
func (w *world) do(c command) {
	w.tally.commands++
	doing := map[kind]func(command){
		book: w.doBook, offered: w.doOffered, confirm: w.doStep, extend: w.doStep, cancel: w.doStep, repeat: w.doRepeat,
		crowd: w.doCrowd, duel: w.doDuel, burst: w.doBurst, pass: w.doPass, read: w.doRead, follow: w.doFollow, show: w.doShow,
		listing: w.doListing, expire: w.doExpire, heal: w.doHeal, restart: w.doRestart, reopen: w.doReopen, sweep: w.doSweep, trim: w.doTrim,
		venuePut: w.doPutVenue, resPut: w.doPutResource, svcPut: w.doPutService, archive: w.doArchive, nothing: func(command) {},
	}
	doing[c.kind](c)
}

// check is what must hold of a venue after every command.
func (w *world) check() {
	now := w.clock.Now()
	if id, over := w.oversold(now); over {
		w.failf("resource %s is oversold", id)
	}
	revisions, err := w.store.Revisions(w.ctx, []booking.VenueID{w.id})
	w.must("read the revision", err)
	if got := revisions.Of[w.id].Revision; got != w.revision {
		w.failf("the venue is at revision %d, want %d", got, w.revision)
	}
	if revisions.Epoch != w.epoch {
		w.failf("the epoch is %q, was %q", revisions.Epoch, w.epoch)
	}
	for _, n := range w.nodes {
		w.seen(n)
	}
}

// seen is the revision of a node's picture, which never falls and is never beyond the venue's.
func (w *world) seen(n *node) booking.Revision {
	p, err := n.view.Picture(w.ctx, w.id)
	w.must("read a picture", err)
	before := n.shown[w.id]
	if p.Revision < before || p.Revision > w.revision {
		w.failf("a node shows revision %d of %s after %d, and the venue is at %d", p.Revision, w.id, before, w.revision)
	}
	n.shown[w.id] = p.Revision
	return p.Revision
}
