package alert

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Notifier tells somebody outside the server of an alert.
type Notifier interface {
	// Name is its name in the log and in metrics.
	Name() string
	// Notify hands one alert over. It returns when ctx ends. An error is tried again, unless it is a [RefusedError].
	Notify(ctx context.Context, a Alert) error
}

// RefusedError is that of a receiver which will refuse the same notification again.
type RefusedError struct{ Err error }

func (e RefusedError) Error() string { return e.Err.Error() }
func (e RefusedError) Unwrap() error { return e.Err }

// sender hands alerts to one notifier, in a goroutine of its own.
type sender struct {
	notifier Notifier
	log      *slog.Logger
	meter    Meter

	mu sync.Mutex
	// pending is the newest state of each alert that was not sent yet, in the order in which they began to wait.
	pending []Alert
	// paused: only the ends of alerts in told are sent.
	paused bool
	// withdrawn counts the pauses, each of which withdraws what waits.
	withdrawn int
	// told are the alerts that the receiver may hold to be active, by the severity that it knows; empty if it may not know of it, since no
	// attempt has succeeded yet, or if it is being told that the alert is over.
	told    map[id]Severity
	started bool
	closing bool
	// changed is signalled when pending or closing change.
	changed chan struct{}
	cancel  context.CancelFunc
	ended   chan struct{}

	// sentAt is when the last notifications were sent, the oldest first. Only the goroutine uses it.
	sentAt []time.Time
}

func newSender(n Notifier, log *slog.Logger, meter Meter) *sender {
	return &sender{
		notifier: n, log: log, meter: meter, told: make(map[id]Severity), changed: make(chan struct{}, 1), ended: make(chan struct{}),
	}
}

func (s *sender) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.closing {
		return
	}
	s.started = true
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.run(ctx)
}

// close lets what waits be sent until ctx ends.
func (s *sender) close(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	started := s.started
	s.mu.Unlock()
	if !started {
		return
	}
	s.signal()
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
	s.cancel()
	<-s.ended
}

// enqueue has an alert sent, or not if that is paused.
func (s *sender) enqueue(a Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, told := s.told[a.id()]
	if s.paused && (a.active() || !told) {
		s.meter.AlertSent(s.notifier.Name(), "paused")
		return
	}
	if told && !a.active() {
		s.told[a.id()] = ""
	}
	s.append(a)
}

// append has an alert wait to be sent. It takes the place of an older state of the same alert that was not sent yet. mu is held.
func (s *sender) append(a Alert) {
	if i := slices.IndexFunc(s.pending, func(p Alert) bool { return p.id() == a.id() }); i >= 0 {
		s.pending[i] = a
		return
	}
	if len(s.pending) >= maxActive {
		dropped := s.pending[0]
		s.log.Error("an alert is not sent: too many wait", "notifier", s.notifier.Name(), "key", dropped.Key)
		s.meter.AlertSent(s.notifier.Name(), "dropped")
		s.pending = s.pending[1:]
		s.forget(dropped)
	}
	s.pending = append(s.pending, a)
	s.signal()
}

// forget is told of an alert that is not sent any more. Once that is its end, nothing is known of it. mu is held.
func (s *sender) forget(a Alert) {
	if !a.active() {
		delete(s.told, a.id())
	}
}

// pause takes back all that waits to be sent, also what is tried again, but for the ends of alerts of which the receiver may know.
func (s *sender) pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = true
	s.withdrawn++
	s.pending = slices.DeleteFunc(s.pending, func(p Alert) bool {
		_, told := s.told[p.id()]
		return p.active() || !told
	})
}

// resume ends a pause: those alerts are sent that the receiver does not know, or not with this severity.
func (s *sender) resume(active []Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.paused {
		return
	}
	s.paused = false
	for _, a := range active {
		if s.told[a.id()] != a.Severity {
			s.append(a)
		}
	}
}

func (s *sender) signal() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// run sends what waits until ctx ends, or until nothing waits after close.
func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	for s.waitForPending(ctx) && s.waitForRate(ctx) {
		if a, withdrawn, ok := s.dequeue(); ok {
			s.sendWithRetries(ctx, a, withdrawn)
		}
	}
}

// waitForPending returns when something waits; false if nothing will be sent any more.
func (s *sender) waitForPending(ctx context.Context) bool {
	for {
		s.mu.Lock()
		waiting, closing := len(s.pending), s.closing
		s.mu.Unlock()
		if waiting > 0 || closing {
			return waiting > 0 && ctx.Err() == nil
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return false
		}
	}
}

// waitForRate returns when one more may be sent within the minute.
func (s *sender) waitForRate(ctx context.Context) bool {
	if len(s.sentAt) < perMinute {
		return true
	}
	return sleep(ctx, time.Until(s.sentAt[0].Add(time.Minute)))
}

// dequeue takes what has waited longest, with how often what waited had been withdrawn.
func (s *sender) dequeue() (a Alert, withdrawn int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return Alert{}, 0, false
	}
	a = s.pending[0]
	s.pending = s.pending[1:]
	if _, told := s.told[a.id()]; !told {
		s.told[a.id()] = ""
	}
	return a, s.withdrawn, true
}

// delivered notes that the receiver knows of an alert, or of its end. What waits and says the same is not sent again: a pause may have
// begun and ended during the attempt.
func (s *sender) delivered(a Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.active() {
		delete(s.told, a.id())
		return
	}
	isItsEnd := func(p Alert) bool { return p.id() == a.id() && !p.active() }
	if !slices.ContainsFunc(s.pending, isItsEnd) {
		s.told[a.id()] = a.Severity
	}
	s.pending = slices.DeleteFunc(s.pending, a.sameAs)
}

// givenUp notes that an alert is not tried again.
func (s *sender) givenUp(a Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(a)
}

// superseded tells whether a newer state of the alert waits, or it was withdrawn since it was dequeued.
func (s *sender) superseded(a Alert, withdrawn int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.active() && s.withdrawn != withdrawn || slices.ContainsFunc(s.pending, func(p Alert) bool { return p.id() == a.id() })
}

// sendWithRetries sends an alert, until it succeeds, is refused or superseded, or was tried often enough.
func (s *sender) sendWithRetries(ctx context.Context, a Alert, withdrawn int) {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		err := s.send(ctx, a)
		if err == nil {
			s.delivered(a)
			s.meter.AlertSent(s.notifier.Name(), "sent")
			return
		}
		_, refused := errors.AsType[RefusedError](err)
		if refused || attempt == maxAttempts || ctx.Err() != nil {
			s.log.Error("an alert could not be sent", "notifier", s.notifier.Name(), "key", a.Key, "attempts", attempt, "error", err)
			s.meter.AlertSent(s.notifier.Name(), "failed")
			s.givenUp(a)
			return
		}
		if attempt == 1 {
			s.log.Warn("an alert could not be sent yet", "notifier", s.notifier.Name(), "key", a.Key, "error", err)
		}
		_ = sleep(ctx, backoff/2+rand.N(backoff/2+1)) && s.waitForRate(ctx) // the next attempt fails at once if ctx has ended
		backoff = min(2*backoff, maxBackoff)
		if s.superseded(a, withdrawn) {
			return
		}
	}
}

func (s *sender) send(ctx context.Context, a Alert) error {
	if len(s.sentAt) >= perMinute {
		s.sentAt = slices.Delete(s.sentAt, 0, 1)
	}
	s.sentAt = append(s.sentAt, time.Now())
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return s.notifier.Notify(ctx, a)
}

// sleep waits, unless ctx ends before; then it returns false.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
