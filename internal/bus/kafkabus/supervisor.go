package kafkabus

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"vacancy/internal/bus"
)

// health is what is known of the bus. All of it is under the bus's mutex.
type health struct {
	// checked says that the topic was found fit since the last failure; only then is anything published.
	checked bool
	// refusal is why the last check did not find it fit, publishing why the last call failed; complaint is of what works all the same.
	refusal, publishing, complaint error
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
	current := b.link.Load()
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
			if err := b.fit(current, facts, &j); err != nil {
				j.refuse = unavailable("another client cannot be made: %w", err)
			}
			b.prepareHints(ctx, current.admin)
		}
	} else {
		j.refuse = meaning(b.config.Topic, err, current.trouble.last())
	}
	b.conclude(facts, &j)
	return j.refuse == nil
}

// fit replaces the client where the topic is not the one that it was made for.
func (b *Bus) fit(current *link, facts *topicFacts, j *judgement) error {
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
	if !another && j.maxBatch == current.maxBatch {
		return nil
	}
	next, err := b.newLink(j.maxBatch)
	if err != nil {
		return err
	}
	b.link.Store(next)
	current.close() // calls under way fail, and are sent again
	return nil
}

// conclude notes what a check has found, tells what is new, and lets calls go on that waited for it.
func (b *Bus) conclude(facts *topicFacts, j *judgement) {
	var complaint error
	if len(j.complaints) > 0 {
		complaint = misconfigured("%s", strings.Join(j.complaints, "; "))
	}
	b.mu.Lock()
	h := &b.health
	before := *h
	h.checked, h.refusal, h.complaint = j.refuse == nil, j.refuse, complaint
	if h.checked {
		h.publishing = nil
	}
	close(h.round)
	h.round = make(chan struct{})
	b.mu.Unlock()

	switch {
	case j.refuse != nil:
		if text(before.refusal) != text(j.refuse) {
			b.tell("Kafka: no events are published", j.refuse)
		}
	case !before.checked:
		b.log.Info("Kafka: events can be published", "topic", b.config.Topic, "partitions", facts.partitions, "replicas", facts.replicas)
	}
	if complaint != nil && text(before.complaint) != text(complaint) {
		b.tell("Kafka: the topic needs attention", complaint)
	}
	for _, advice := range j.advice {
		if _, told := b.advised[advice]; !told {
			b.advised[advice] = struct{}{}
			b.log.Warn("Kafka: the topic could be set up better", "topic", b.config.Topic, "advice", advice)
		}
	}
}

// failed notes that a call has failed. What can be said of the reason beyond the error is found out by a check.
func (b *Bus) failed(err error) {
	b.mu.Lock()
	h := &b.health
	news := text(h.publishing) != text(err) && h.checked
	h.publishing, h.checked = err, false
	b.mu.Unlock()
	if news {
		b.tell("Kafka: events were not confirmed", err)
	}
	b.wantCheck()
}

func (b *Bus) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.health.publishing = nil
}

// tell logs what a person must mend as an error, and what may pass by itself as a warning.
func (b *Bus) tell(message string, err error) {
	log := b.log.Warn
	if errors.Is(err, bus.ErrMisconfigured) {
		log = b.log.Error
	}
	log(message, "reason", err.Error(), "topic", b.config.Topic)
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
