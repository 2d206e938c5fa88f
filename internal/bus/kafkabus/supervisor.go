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
	// checked says that the topic was found fit, and that no call was refused since; only then is anything published.
	checked bool
	// refusal is why the last check did not find it fit, complaint is of what works all the same.
	refusal, complaint error
	// publishing is why the last call failed, at failedAt.
	publishing error
	failedAt   time.Time
	// confirmedAt is when events were confirmed last.
	confirmedAt time.Time
	// told is what the log was told of last since events were published, at toldAt; nil if all has been well.
	told   error
	toldAt time.Time
	// round is closed at the end of the check that is under way or comes next.
	round chan struct{}
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
		case <-b.wanted:
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

// wantCheck asks for a check, soon.
func (b *Bus) wantCheck() {
	select {
	case b.wanted <- struct{}{}:
	default:
	}
}

// disconnected is called when a connection has ended. One that was idle for long may.
func (b *Bus) disconnected() {
	b.mu.Lock()
	well := b.health.checked
	b.mu.Unlock()
	if well { // else a check is due anyway, and each would end another connection
		b.wantCheck()
	}
}

// check looks at the topic and says whether events may be published.
func (b *Bus) check() bool {
	current, begun := b.link.Load(), time.Now()
	ctx, cancel := context.WithTimeout(b.ctx, checkTimeout)
	defer cancel()
	facts, err := b.inspect(ctx, current.admin)
	if b.ctx.Err() != nil {
		return false
	}
	var j judgement
	if err == nil {
		j = judge(&b.config, facts)
		if j.refuse == nil {
			j.refuse = b.fit(ctx, current, facts, &j)
		}
		if j.refuse == nil {
			b.prepareHints(ctx, b.link.Load().admin)
		}
	} else {
		j.refuse = meaning(b.config.Topic, err, current.trouble.last())
	}
	b.conclude(facts, &j, begun)
	return j.refuse == nil
}

// fit replaces the client where the topic is not the one that it was made for, or where it has given up, and says what keeps it from
// publishing.
func (b *Bus) fit(ctx context.Context, current *link, facts *topicFacts, j *judgement) error {
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
		return meaning(b.config.Topic, err, current.trouble.last())
	default:
		return nil
	}
	next, err := b.newLink(j.maxBatch)
	if err != nil {
		return unavailable("another client cannot be made: %w", err)
	}
	b.link.Store(next)
	current.close() // calls under way fail, and are sent again
	if _, _, err := next.client.ProducerID(ctx); err != nil {
		return meaning(b.config.Topic, err, next.trouble.last())
	}
	return nil
}

// conclude notes what a check has found, tells what is new, and lets calls go on that waited for it.
func (b *Bus) conclude(facts *topicFacts, j *judgement, begun time.Time) {
	var complaint error
	if len(j.complaints) > 0 {
		complaint = misconfigured("%s", strings.Join(j.complaints, "; "))
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
	bad := j.refuse != nil && h.isNews(j.refuse)
	good := j.refuse == nil && h.publishing == nil && h.isOver()
	attention := complaint != nil && text(h.complaint) != text(complaint)
	h.complaint = complaint
	b.mu.Unlock()

	if bad {
		b.tell("Kafka: no events are published", j.refuse)
	}
	if facts != nil && (good || j.refuse == nil && !b.connected) {
		b.connected = true
		b.log.Info("Kafka: events can be published", "topic", b.config.Topic, "partitions", facts.partitions, "replicas", facts.replicas)
	}
	if attention {
		b.log.Error("Kafka: the topic needs attention", "topic", b.config.Topic, "reason", complaint.Error())
	}
	for _, advice := range j.advice {
		if _, given := b.advised[advice]; !given {
			b.advised[advice] = struct{}{}
			b.log.Warn("Kafka: the topic could be set up better", "topic", b.config.Topic, "advice", advice)
		}
	}
	b.mu.Lock()
	close(h.round)
	h.round = make(chan struct{})
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
	news := h.isNews(err)
	b.mu.Unlock()
	if news {
		b.tell("Kafka: events were not confirmed", err)
	}
	b.wantCheck()
}

// succeeded notes that events were confirmed.
func (b *Bus) succeeded() {
	b.mu.Lock()
	b.health.publishing, b.health.confirmedAt = nil, time.Now()
	over := b.health.isOver()
	b.mu.Unlock()
	if over {
		b.log.Info("Kafka: events are confirmed again", "topic", b.config.Topic)
	}
}

// isNews says whether the log is to be told of a reason: once while it stays the same, and of another one of the same weight only after a
// while, for brokers that go away have many.
func (h *health) isNews(err error) bool {
	switch {
	case h.told == nil:
	case text(h.told) == text(err):
		return false
	case errors.Is(err, bus.ErrMisconfigured) == errors.Is(h.told, bus.ErrMisconfigured) && time.Since(h.toldAt) < tellInterval:
		return false
	}
	h.told, h.toldAt = err, time.Now()
	return true
}

// isOver says, once, that what the log was told of is over.
func (h *health) isOver() bool {
	over := h.told != nil
	h.told = nil
	return over
}

// tell logs what a person must mend as an error, and what may pass by itself as a warning.
func (b *Bus) tell(message string, err error) {
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
