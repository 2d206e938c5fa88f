package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/bus"
)

// A lane sends the calls of one partition, a group of them at a time.
//
// The library puts the records of a partition into batches without regard to the calls that they are of, and looks at one record's context
// for all of a batch. So all records of a group have the group's context, which ends when any of its callers leaves: nothing that a caller
// has given up is sent later, and others of the group send theirs again. A caller who leaves before its group begins is left out.
//
// The next group begins when every record of the last was confirmed or given up.
type lane struct {
	mu      sync.Mutex
	waiting []*call
	busy    bool
}

// A call is one [Bus.Publish].
type call struct {
	ctx     context.Context
	records []*kgo.Record
	size    int
	// result gets one value: nil, a [bus.RejectedError], or an error of the library.
	result chan error
}

// enqueue has a call wait for its turn. It says whether the lane is to be started.
func (l *lane) enqueue(c *call) (start bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, c)
	start = !l.busy
	l.busy = true
	return start
}

// next takes the calls that go out together. None means that the lane has ended.
func (l *lane) next() []*call {
	l.mu.Lock()
	defer l.mu.Unlock()
	var group []*call
	events, size, taken := 0, 0, 0
	for _, c := range l.waiting {
		if len(group) > 0 && (events+len(c.records) > maxGroupEvents || size+c.size > maxGroupBytes) {
			break
		}
		taken++
		if c.ctx.Err() != nil { // its caller has left
			continue
		}
		group = append(group, c)
		events += len(c.records)
		size += c.size
	}
	l.waiting = append(l.waiting[:0], l.waiting[taken:]...)
	clear(l.waiting[len(l.waiting):cap(l.waiting)])
	l.busy = len(group) > 0
	return group
}

// run sends groups until nobody waits.
func (l *lane) run(b *Bus) {
	for group := l.next(); len(group) > 0; group = l.next() {
		b.send(group)
	}
}

// send sends a group and gives each call its result.
func (b *Bus) send(group []*call) {
	ctx, cancel := context.WithTimeout(b.ctx, deliveryTimeout)
	defer cancel()
	var records []*kgo.Record
	stops := make([]func() bool, len(group))
	for i, c := range group {
		stops[i] = context.AfterFunc(c.ctx, cancel)
		records = append(records, c.records...)
	}
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	current := b.producer.Load()
	results := current.client.ProduceSync(ctx, records...)
	err := results.FirstErr()
	if err == nil {
		b.succeeded()
		for _, c := range group {
			c.result <- nil
		}
		return
	}
	if errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) {
		b.tooLarge(current, group, err)
		return
	}
	if errors.Is(err, context.Canceled) { // a caller of the group has left, which says nothing of the brokers
		err = unavailable("given up, since events of another venue that went with them were: %w", err)
	} else {
		err = classify(b.config.Topic, err, current.network.last())
		b.failed(err)
	}
	failed := make(map[*kgo.Record]struct{})
	for _, result := range results {
		if result.Err != nil {
			failed[result.Record] = struct{}{}
		}
	}
	for _, c := range group {
		c.result <- c.outcome(failed, err)
	}
}

// outcome is err if any record of the call failed. What was confirmed is, whatever became of the rest of the group.
func (c *call) outcome(failed map[*kgo.Record]struct{}, err error) error {
	for _, record := range c.records {
		if _, ok := failed[record]; ok {
			return err
		}
	}
	return nil
}

// tooLarge is called when the brokers refuse a batch that the client took to be small enough: the topic's max.message.bytes was lowered, or
// could not be read. If an event is alone as large as the batches were allowed to be, it is the one. Else smaller batches are tried.
func (b *Bus) tooLarge(current *producer, group []*call, err error) {
	largest := 0
	for _, c := range group {
		for _, record := range c.records {
			largest = max(largest, sizeAlone(record))
		}
	}
	for _, c := range group {
		c.result <- c.rejection(largest, current.maxBatch, err)
	}
	b.mu.Lock()
	b.health.maxBatch = max(current.maxBatch/2, min(largest+framing, current.maxBatch))
	b.health.checked = false
	b.mu.Unlock()
	b.log.Warn("Kafka: the topic takes smaller batches than it did", "topic", b.config.Topic, "tried", current.maxBatch)
	b.requestCheck()
}

func (c *call) rejection(largest, limit int, err error) error {
	if largest+framing >= limit {
		for i, record := range c.records {
			if size := sizeAlone(record); size == largest {
				return &bus.RejectedError{Index: i, Reason: fmt.Sprintf("kafka: the brokers refuse it for its size, %d bytes", size)}
			}
		}
	}
	return unavailable("the brokers refuse a batch for its size; smaller ones are tried next: %w", err)
}
