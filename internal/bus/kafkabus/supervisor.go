package kafkabus

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"vacancy/internal/bus"
)

// health is what is known of the bus. All of it is under the bus's mutex.
type health struct {
	// checked says that the topic was found as it is to be, and that no call was refused since; only then is anything published.
	checked bool
	// refusal is why the last check found that nothing may be published, warning is of what works all the same.
	refusal, warning error
	// publishing is why the last call failed, at failedAt.
	publishing error
	failedAt   time.Time
	// confirmedAt is when events were confirmed last.
	confirmedAt time.Time
	// logged is the last reason that was logged, at loggedAt; nil if events were published since.
	logged   error
	loggedAt time.Time
	// checkDone is closed at the end of the check that is under way or comes next.
	checkDone chan struct{}
	// topic is the identity of the topic when it was last seen.
	topic kadm.TopicID
	// maxBatch is what was found out about the largest batch since the brokers refused one; 0 is nothing. It holds while the topic's
	// setting is what it was, maxSetting.
	maxBatch   int
	maxSetting string
}

// supervise checks the topic at once, whenever asked to, and from time to time.
func (b *Bus) supervise() {
	failures := 0
	for {
		pause := checkInterval
		if b.check() {
			failures = 0
		} else {
			failures++
			pause = min(minCheckGap<<min(failures, 10), maxCheckBackoff)
		}
		if wait(b.ctx, minCheckGap) != nil {
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-b.ctx.Done():
		case <-b.checkRequested:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// wait lets time pass, or returns why it need not.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// requestCheck asks for a check, soon.
func (b *Bus) requestCheck() {
	select {
	case b.checkRequested <- struct{}{}:
	default:
	}
}

// disconnected is called when a connection has ended. One that was idle for long may.
func (b *Bus) disconnected() {
	b.mu.Lock()
	well := b.health.checked
	b.mu.Unlock()
	if well { // else a check is due anyway, and each would end another connection
		b.requestCheck()
	}
}

// check looks at the topic and says whether events may be published.
func (b *Bus) check() bool {
	current, begun := b.producer.Load(), time.Now()
	ctx, cancel := context.WithTimeout(b.ctx, checkTimeout)
	defer cancel()
	facts, err := b.inspect(ctx, current.admin)
	if b.ctx.Err() != nil {
		return false
	}
	var j assessment
	if err == nil {
		j = assess(&b.config, facts)
		if j.refuse == nil {
			j.refuse = b.ensureProducer(ctx, current, facts, &j)
		}
		if j.refuse == nil {
			b.prepareHints(ctx, b.producer.Load().admin)
		}
	} else {
		j.refuse = classify(b.config.Topic, err, current.network.last())
	}
	b.finishCheck(facts, &j, begun)
	return j.refuse == nil
}

// ensureProducer replaces the client where the topic is not the one that it was made for, or where it has given up, and says what keeps it
// from publishing.
func (b *Bus) ensureProducer(ctx context.Context, current *producer, facts *topicFacts, j *assessment) error {
	b.mu.Lock()
	h := &b.health
	if setting := facts.settings[maxMessageBytes]; setting != h.maxSetting {
		h.maxBatch, h.maxSetting = 0, setting
	}
	if h.maxBatch > 0 {
		j.maxBatch = min(j.maxBatch, h.maxBatch)
	}
	another := h.topic != (kadm.TopicID{}) && h.topic != facts.id
	h.topic = facts.id
	b.mu.Unlock()
	if another {
		b.log.Error("Kafka: the topic was deleted and made again; events that were in it are gone, and consumers that had not read them "+
			"are to read everything anew", "topic", b.config.Topic)
	}
	_, _, err := current.client.ProducerID(ctx)
	var refused *kerr.Error // a client that was refused a producer's id once asks for none again
	switch {
	case another, j.maxBatch != current.maxBatch, errors.As(err, &refused):
	case err != nil:
		return classify(b.config.Topic, err, current.network.last())
	default:
		return nil
	}
	next, err := b.newProducer(j.maxBatch)
	if err != nil {
		return unavailable("another client cannot be made: %w", err)
	}
	b.producer.Store(next)
	current.close() // calls under way fail, and are sent again
	if _, _, err := next.client.ProducerID(ctx); err != nil {
		return classify(b.config.Topic, err, next.network.last())
	}
	return nil
}

// finishCheck notes what a check has found, tells what is new, and lets calls go on that waited for it.
func (b *Bus) finishCheck(facts *topicFacts, j *assessment, begun time.Time) {
	var warning error
	if len(j.warnings) > 0 {
		warning = misconfigured("%s", strings.Join(j.warnings, "; "))
	}
	b.mu.Lock()
	h := &b.health
	if h.checked && !errors.Is(j.refuse, bus.ErrMisconfigured) && h.confirmedAt.After(begun) {
		j.refuse = nil // the broker that was asked is away; others confirm
	}
	h.checked, h.refusal = j.refuse == nil, j.refuse
	if h.checked && time.Since(h.failedAt) >= checkInterval { // nobody has tried since
		h.publishing = nil
	}
	bad := j.refuse != nil && h.shouldLog(j.refuse)
	good := j.refuse == nil && h.publishing == nil && h.recovered()
	attention := warning != nil && text(h.warning) != text(warning)
	h.warning = warning
	b.mu.Unlock()

	if bad {
		b.logReason("Kafka: no events are published", j.refuse)
	}
	if facts != nil && (good || j.refuse == nil && !b.connected) {
		b.connected = true
		b.log.Info("Kafka: events can be published", "topic", b.config.Topic, "partitions", facts.partitions, "replicas", facts.replicas)
	}
	if attention {
		b.log.Error("Kafka: the topic needs attention", "topic", b.config.Topic, "reason", warning.Error())
	}
	for _, advice := range j.advice {
		if _, given := b.adviceLogged[advice]; !given {
			b.adviceLogged[advice] = struct{}{}
			b.log.Warn("Kafka: the topic could be set up better", "topic", b.config.Topic, "advice", advice)
		}
	}
	b.mu.Lock()
	close(h.checkDone)
	h.checkDone = make(chan struct{})
	b.mu.Unlock()
}

// failed notes that a call has failed. What can be said of the reason beyond the error is found out by a check.
func (b *Bus) failed(err error) {
	b.mu.Lock()
	h := &b.health
	h.publishing, h.failedAt = err, time.Now()
	if errors.Is(err, bus.ErrMisconfigured) { // else it may be one of several brokers, and venues of the others go on
		h.checked = false
	}
	news := h.shouldLog(err)
	b.mu.Unlock()
	if news {
		b.logReason("Kafka: events were not confirmed", err)
	}
	b.requestCheck()
}

// succeeded notes that events were confirmed.
func (b *Bus) succeeded() {
	b.mu.Lock()
	b.health.publishing, b.health.confirmedAt = nil, time.Now()
	over := b.health.recovered()
	b.mu.Unlock()
	if over {
		b.log.Info("Kafka: events are confirmed again", "topic", b.config.Topic)
	}
}

// shouldLog says whether a reason is to be logged: once while it stays the same, and of another one of the same weight only after a
// while, for brokers that go away have many.
func (h *health) shouldLog(err error) bool {
	switch {
	case h.logged == nil:
	case text(h.logged) == text(err):
		return false
	case errors.Is(err, bus.ErrMisconfigured) == errors.Is(h.logged, bus.ErrMisconfigured) && time.Since(h.loggedAt) < sameLogInterval:
		return false
	}
	h.logged, h.loggedAt = err, time.Now()
	return true
}

// recovered says, once, that what was logged is over.
func (h *health) recovered() bool {
	over := h.logged != nil
	h.logged = nil
	return over
}

// logReason logs what a person must mend as an error, and what may pass by itself as a warning.
func (b *Bus) logReason(message string, err error) {
	log := b.log.Warn
	if errors.Is(err, bus.ErrMisconfigured) {
		log = b.log.Error
	}
	log(message, "topic", b.config.Topic, "reason", err.Error())
}

func (b *Bus) dataLost(topic string, partition int32) {
	b.log.Error("Kafka: a broker seems to have lost events that were confirmed, as after the election of a replica that lacked them",
		"topic", topic, "partition", partition)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
