package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/failover"
	"vacancy/internal/store"
)

// The monitor asks all hosts every second what they are, has package failover decide where to write, and carries that out:
//
//	run      every second
//	step     asks all hosts, decides, carries out, tells
//	carryOut founds, raises or adopts, closes what was left, and redirects the pools
//
// Writers never choose a host: connections of the pools are made to the monitor's target, are refused where the database is not the one
// that the monitor has adopted, and are given up when the target changes.

// Observer is told what the monitor finds. Its methods must be quick, and safe for use by several goroutines.
type Observer interface {
	// Alerts are all that are active now.
	Alerts(alerts []failover.Alert)
	// Database is the term of the database that the node uses, 0 if there is none, and whether it may be written to.
	Database(term int64, writes bool)
	// Backups are what the other hosts were judged to be good for, once a minute.
	Backups(backups []failover.Backup)
}

type noObserver struct{}

func (noObserver) Alerts([]failover.Alert)   {}
func (noObserver) Database(int64, bool)      {}
func (noObserver) Backups([]failover.Backup) {}

// target is where connections are made to.
type target struct {
	host     *host
	identity failover.Identity
	// writes: the database is the one in charge.
	writes bool
	// ctx ends when another target takes its place.
	ctx  context.Context
	stop context.CancelFunc
}

// monitor watches over the hosts of a store.
type monitor struct {
	store   *Store
	hosts   []host
	probers []*prober
	file    memoryFile

	current atomic.Pointer[target] // nil before the first
	// looked is when the last look at all hosts began; nil before the first.
	looked atomic.Pointer[time.Time]
	// doubts counts how often a connection was lost: before anything is written, the hosts are asked again. checked is how many of the
	// doubts came before the last step began, and reason why nothing may be written since.
	doubts, checked atomic.Int64
	reason          atomic.Pointer[string]
	// sought counts the searches that readers have asked for, and answered how many of them came before the last step began. Nobody who
	// writes waits for those. soughtAt is when one was last begun for their sake.
	sought, answered atomic.Int64
	soughtAt         atomic.Int64 // Unix nanoseconds
	// refused is set while what can be read may be of a history that was left.
	refused atomic.Bool
	signal  chan struct{} // holds one if somebody waits for a step
	stepped atomic.Pointer[chan struct{}]
	// beat is the last heartbeat that was committed, and the id of the database in which it was.
	beat atomic.Pointer[committedBeat]

	// What follows belongs to whoever makes a step: Open, and then run.
	machine *failover.Machine
	last    []probed
	failure error // why what was decided could not be done
	watch   failover.BackupWatch
	backups []failover.Backup // as they were judged last

	ctx  context.Context
	end  context.CancelFunc
	done sync.WaitGroup
}

type committedBeat struct {
	id   string
	beat failover.Beat
}

// newMonitor makes the monitor of a store, which has looked at nothing yet.
func newMonitor(s *Store) *monitor {
	m := &monitor{store: s, hosts: hostsOf(s.connector.pool.ConnConfig), file: memoryFile{path: s.config.StateFile}}
	memory, err := m.file.load()
	if err != nil {
		s.config.Log.Warn("what this node remembers of its database cannot be read; it starts as one that remembers nothing", "error", err)
		memory = failover.Memory{}
	}
	names := make([]string, len(m.hosts))
	for i := range m.hosts {
		names[i] = m.hosts[i].name
		m.probers = append(m.probers, &prober{host: &m.hosts[i], connector: s.connector})
	}
	m.machine = failover.New(names, s.node.id, memory)
	m.ctx, m.end = context.WithCancel(context.Background())
	m.signal = make(chan struct{}, 1)
	stepped := make(chan struct{})
	m.stepped.Store(&stepped)
	m.reason.Store(new(string))
	return m
}

// start has the hosts watched from now on.
func (m *monitor) start() { m.done.Go(m.run) }

// run looks again an interval after each look began, whatever had it begin: three failures in a row do not take longer because the first
// was found between two looks.
func (m *monitor) run() {
	interval := m.store.config.probe
	timer := time.NewTimer(max(interval, 0))
	defer timer.Stop()
	if interval < 0 {
		timer.Stop()
	}
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-timer.C:
		case <-m.signal:
		}
		began := time.Now()
		m.step(m.ctx)
		if interval > 0 {
			timer.Reset(max(interval-time.Since(began), 0))
		}
	}
}

// close ends the watch and its connections. It may be called again.
func (m *monitor) close() {
	m.end()
	m.done.Wait()
	for _, p := range m.probers {
		if p.conn != nil {
			p.hangUp()
		}
	}
	if t := m.current.Load(); t != nil {
		t.stop()
	}
}

// doubt has the hosts asked before the next write: a connection was lost, and what comes back may be another.
func (m *monitor) doubt() { m.doubts.Add(1) }

// outdated tells whether the last look at the hosts was so long ago that others may have left the database since: this process, or the
// machine, was held up.
func (m *monitor) outdated() bool {
	looked := m.looked.Load()
	return looked != nil && failover.Elapsed(*looked, time.Now()) > failover.ObservationTTL && m.store.config.probe > 0
}

// ready returns nil if the node may write, as far as it is known; after doubt, or having been held up, it asks first.
func (m *monitor) ready(ctx context.Context) error {
	if m.outdated() {
		m.doubt()
	}
	if wanted := m.doubts.Load(); m.checked.Load() < wanted {
		if err := m.awaitStep(ctx, &m.checked, wanted, m.hasten); err != nil {
			return err
		}
	}
	if t := m.current.Load(); t != nil && t.writes {
		return nil
	}
	return m.refusal()
}

// seek has all hosts asked, and returns once they were. It is for a reader who knows of a later term, or says so: it hastens the next
// step only once in a while, and holds up nobody who writes.
func (m *monitor) seek(ctx context.Context) error {
	return m.awaitStep(ctx, &m.answered, m.sought.Add(1), func() {
		now, last := time.Now().UnixNano(), m.soughtAt.Load()
		if now-last >= int64(seekInterval) && m.soughtAt.CompareAndSwap(last, now) {
			m.hasten()
		}
	})
}

// hasten has the next step begin at once.
func (m *monitor) hasten() {
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// awaitStep waits until a counter that steps set has reached a number. It calls hasten before each step that it waits for.
func (m *monitor) awaitStep(ctx context.Context, counter *atomic.Int64, number int64, hasten func()) error {
	for counter.Load() < number {
		stepped := *m.stepped.Load()
		if counter.Load() >= number {
			break
		}
		hasten()
		select {
		case <-stepped:
		case <-ctx.Done():
			return ctx.Err()
		case <-m.ctx.Done():
			return errClosed
		}
	}
	return nil
}

// refusal says why nothing may be written.
func (m *monitor) refusal() error {
	return fmt.Errorf("%w: nothing is written now: %s", store.ErrUnavailable, *m.reason.Load())
}

// fits tells whether a connection leads to where connections are made now.
func (m *monitor) fits(conn *pgx.Conn) bool {
	t := m.current.Load()
	return t != nil && t.fits(conn)
}

func (t *target) fits(conn *pgx.Conn) bool {
	return serverOf(conn).identity.ID == t.identity.ID && serverOf(conn).host == t.host.name
}

// mayWrite tells whether what was begun on a connection may be committed, or told as committed.
func (m *monitor) mayWrite(conn *pgx.Conn) bool {
	t := m.current.Load()
	return t != nil && t.writes && m.fits(conn) && !m.outdated()
}

// committed notes a heartbeat of this node.
func (m *monitor) committed(id string, beat failover.Beat) {
	m.beat.Store(&committedBeat{id, beat})
}

// step asks all hosts and does what follows.
func (m *monitor) step(ctx context.Context) failover.Decision {
	doubts, sought := m.doubts.Load(), m.sought.Load()
	if doubts > m.checked.Load() {
		for _, p := range m.probers {
			p.made = time.Time{} // a connection that still works may lead to another server than a new one would
		}
	}
	defer func() {
		m.checked.Store(doubts) // what was doubted since is asked again
		m.answered.Store(sought)
		stepped := make(chan struct{})
		close(*m.stepped.Swap(&stepped))
	}()
	if b := m.beat.Load(); b != nil {
		m.machine.Beat(b.id, b.beat)
	}
	var d failover.Decision
	for range maxFoundings {
		began := time.Now()
		m.last = probeAll(ctx, m.probers)
		if ctx.Err() != nil {
			return d // what was seen says nothing
		}
		m.looked.Store(&began)
		d = m.machine.Observe(began, m.observations()) // looks begin a second apart and more; when they end is chance
		if d.Action != failover.Found {
			break
		}
		if err := m.store.connector.prepareSchema(ctx, m.host(d.Host)); err != nil {
			m.failure = err
			reason := err.Error()
			m.reason.Store(&reason)
			return d
		}
	}
	m.failure = m.carryOut(ctx, d)
	if m.failure != nil {
		d.Alerts = append(d.Alerts, failover.Alert{
			Key: failover.AlertFailedToMove, Host: d.Host, Urgent: true, Text: fmt.Sprintf("%s cannot be used: %v", d.Host, m.failure),
		})
	}
	m.tell(d)
	return d
}

func (m *monitor) host(name string) *host {
	return &m.hosts[slices.IndexFunc(m.hosts, func(h host) bool { return h.name == name })]
}

func (m *monitor) observed(name string) *probed {
	return &m.last[slices.IndexFunc(m.last, func(p probed) bool { return p.Host == name })]
}

func (m *monitor) prober(name string) *prober {
	return m.probers[slices.IndexFunc(m.probers, func(p *prober) bool { return p.host.name == name })]
}

// observations are what was seen last of all hosts.
func (m *monitor) observations() []failover.Observation {
	seen := make([]failover.Observation, len(m.last))
	for i := range m.last {
		seen[i] = m.last[i].Observation
	}
	return seen
}

// carryOut does what was decided. Its error is why a host that is to be written to is not.
func (m *monitor) carryOut(ctx context.Context, d failover.Decision) (err error) {
	switch d.Action {
	case failover.GoOn:
		t := m.current.Load()
		if t == nil || !t.writes || t.host.name != d.Host {
			m.redirect(m.host(d.Host), m.machine.Memory().Identity, true)
		}
	case failover.Adopt:
		err = m.adopt(ctx, d)
	case failover.Raise:
		return m.raise(ctx, d)
	default:
		m.stopWriting(d)
	}
	m.closeLeft(ctx, d.Close, "")
	return err
}

// adopt goes to a host whose database is in charge. Nothing is written to the one before from the start: it was left, whether or not this
// node can use the new one.
func (m *monitor) adopt(ctx context.Context, d failover.Decision) error {
	h, o := m.host(d.Host), m.observed(d.Host)
	m.goTo(d)
	if err := m.store.connector.prepareSchema(ctx, h); err != nil {
		return err
	}
	m.machine.Adopt(d.Host, o.Identity, o.Beats, time.Now())
	m.redirect(h, o.Identity, true)
	m.store.config.Log.Info("this database is in charge", "host", d.Host, "term", o.Identity.Term, "epoch", o.Identity.Epoch(),
		"timeline", o.Place.Timeline)
	return nil
}

// raise begins a term on a host that was promoted, and goes there. The databases that are left are closed first, as far as they can be
// reached: whoever has read that one is open has committed before the new term begins, or never will.
func (m *monitor) raise(ctx context.Context, d failover.Decision) error {
	d.Read = d.Host
	m.goTo(d)
	from := m.observed(d.Host)
	reason := fmt.Sprintf("%s is on timeline %s, and term %d began on %s", d.Host, from.Place.Timeline, from.Identity.Term,
		from.Identity.Place.Timeline)
	var left []string
	for i := range m.last {
		o := &m.last[i]
		if o.Host != d.Host && (o.State == failover.Writable || o.State == failover.ReadOnly) && o.Identity.ID == from.Identity.ID {
			left = append(left, o.Host)
		}
	}
	m.closeLeft(ctx, left, "bookings go on at "+d.Host)
	raising, cancel := context.WithTimeout(ctx, raiseTimeout)
	defer cancel()
	if err := m.store.connector.prepareSchema(raising, m.host(d.Host)); err != nil {
		return err
	}
	err := m.on(raising, d.Host, func(conn *pgx.Conn) error {
		_, err := raise(raising, conn, from.Identity, from.Place, beginning{what: "raised", who: m.who(), reason: reason})
		return err
	})
	if err != nil {
		return err
	}
	// Whoever began the term, this node or another, it is there now. The others are not asked again: one that hangs would take a second.
	*m.observed(d.Host) = m.prober(d.Host).probe(ctx)
	next := m.machine.Observe(time.Now(), m.observations())
	if next.Action != failover.Adopt {
		return fmt.Errorf("after its term was raised, it is to %s", next.Action)
	}
	if err := m.adopt(ctx, next); err != nil {
		return err
	}
	m.closeLeft(ctx, next.Close, "")
	return nil
}

// on runs f on a connection to one host that can change its identity.
func (m *monitor) on(ctx context.Context, name string, f func(*pgx.Conn) error) error {
	conn, err := pgx.ConnectConfig(ctx, m.store.connector.single(m.host(name)))
	if err != nil {
		return err
	}
	defer hangUp(conn)
	return f(conn)
}

// closeLeft closes databases that were left, all at once, and not for long. Where it fails it is logged, and tried again in a second.
func (m *monitor) closeLeft(ctx context.Context, hosts []string, reason string) {
	if len(hosts) == 0 {
		return
	}
	if reason == "" {
		memory := m.machine.Memory()
		reason = fmt.Sprintf("bookings have gone on in term %d", max(memory.Identity.Term, memory.Later.Term))
		if at := m.machine.Host(); at != "" && !memory.Later.Known() {
			reason = fmt.Sprintf("bookings have gone on at %s in term %d", at, memory.Identity.Term)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	errs := make([]error, len(hosts))
	var closing sync.WaitGroup
	for i, name := range hosts {
		from := m.observed(name).Identity
		closing.Go(func() {
			errs[i] = m.on(ctx, name, func(conn *pgx.Conn) error {
				return closeDatabase(ctx, conn, from, reason+", says node "+m.store.node.id)
			})
			if errs[i] == nil {
				m.store.config.Log.Warn("a database that was left is closed", "host", name, "term", from.Term, "reason", reason)
			}
		})
	}
	closing.Wait()
	if err := errors.Join(errs...); err != nil {
		m.store.config.Log.Warn("a database that was left could not be closed", "error", err)
	}
}

func (m *monitor) who() string { return "node " + m.store.node.id }

// stopWriting has nothing written until something else is decided. Reads go on where they can.
func (m *monitor) stopWriting(d failover.Decision) {
	if d.Read == "" {
		if t := m.current.Load(); t != nil && t.writes {
			m.redirect(t.host, t.identity, false)
		}
		return
	}
	t := m.current.Load()
	identity := m.observed(d.Read).Identity
	if t == nil || t.writes || t.host.name != d.Read || t.identity.ID != identity.ID {
		m.redirect(m.host(d.Read), identity, false)
	}
}

// goTo has nothing written until the node writes to another database.
func (m *monitor) goTo(d failover.Decision) {
	reason := "bookings are about to go on at " + d.Host
	m.reason.Store(&reason)
	m.stopWriting(d)
}

// redirect has connections made to another host, or for another purpose, from now on. Those that there are, are given up.
func (m *monitor) redirect(h *host, identity failover.Identity, writes bool) {
	t := &target{host: h, identity: identity, writes: writes}
	t.ctx, t.stop = context.WithCancel(m.ctx)
	if before := m.current.Swap(t); before != nil {
		before.stop()
	}
	m.store.resetPools()
	if writes && m.store.config.heartbeat >= 0 {
		m.store.node.ring() // whether it can be written to is known at once
	}
}

// untilRedirected is a context that ends when connections are made elsewhere.
func (s *Store) untilRedirected(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if s.monitor == nil {
		return ctx, cancel
	}
	t := s.monitor.current.Load()
	if t == nil {
		return ctx, cancel
	}
	detach := context.AfterFunc(t.ctx, cancel)
	return ctx, func() { detach(); cancel() }
}

// tell says what was decided to whoever wants to know, and keeps it in the file.
func (m *monitor) tell(d failover.Decision) {
	d.Alerts = append(d.Alerts, m.requiredStandby(d)...)
	reason := ""
	for _, a := range d.Alerts {
		if a.Urgent || reason == "" {
			reason = a.Text
		}
	}
	m.reason.Store(&reason)
	m.refused.Store(d.Action == failover.Refuse || d.Action == failover.Wait || d.Action.Writes() && m.failure != nil)
	m.store.config.Observer.Alerts(append(d.Alerts, m.judgeBackups(time.Now())...))
	t := m.current.Load()
	m.store.config.Observer.Database(m.machine.Memory().Identity.Term, t != nil && t.writes)
	if err := m.file.save(m.machine.Memory()); err != nil {
		m.store.config.Log.Warn("what this node knows of its database cannot be kept for its next start", "file", m.file.path, "error", err)
	}
}

// requiredStandby tells that nothing is written since the server waits for no standby, where the operator wants it to.
func (m *monitor) requiredStandby(d failover.Decision) []failover.Alert {
	if !m.store.config.RequireStandby || !d.Action.Writes() {
		return nil
	}
	if o := m.observed(d.Host); o.err != nil || o.Synchronous {
		return nil
	}
	return []failover.Alert{{
		Key: failover.AlertNoSynchronous, Host: d.Host, Urgent: true,
		Text: d.Host + " waits for no standby, and --require-standby is set: nothing is booked; set synchronous_standby_names",
	}}
}

// openError is why a node cannot start: the first host that failed, in the order of the URL, or what was decided.
func (m *monitor) openError(d failover.Decision) error {
	if m.failure != nil {
		return m.failure
	}
	for i := range m.last {
		if m.last[i].err != nil {
			return m.last[i].err
		}
	}
	return fmt.Errorf("nothing can be read or written (%s): %s", d.Action, *m.reason.Load())
}

// pause waits, or returns the error of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
