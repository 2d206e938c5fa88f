package kafkabus

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/booking"
)

// Hints have a topic of their own: of one partition, short-lived, and read from its end by every node, without a group. A record's value is
// lines of a venue and its revision. Nothing depends on them: the client that sends them waits for the leader alone, and gives up soon.

// Announce has other nodes told, as [bus.Hinter] says.
func (b *Bus) Announce(venue booking.VenueID, revision booking.Revision) {
	b.hints.Add(venue, revision)
}

// announce sends the hints that wait, until the bus is closed.
func (b *Bus) announce() {
	client, err := kgo.NewClient(append(b.connecting(&networkErrors{}),
		kgo.DefaultProduceTopic(b.config.Hints),
		kgo.RequiredAcks(kgo.LeaderAck()),
		kgo.DisableIdempotentWrite(),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProduceRequestTimeout(hintTimeout),
		kgo.RecordDeliveryTimeout(hintTimeout),
		kgo.RecordRetries(1),
		kgo.UnknownTopicRetries(0),
	)...)
	if err != nil {
		b.log.Warn("Kafka: no hints are sent to other nodes", "reason", err.Error())
		return
	}
	defer client.Close()
	logged := "" // the last reason
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.hints.Ready():
		}
		err := sendHints(b.ctx, client, b.hints.Take())
		if b.ctx.Err() != nil {
			return
		}
		if reason := text(err); reason != logged {
			logged = reason
			if err != nil {
				b.log.Warn("Kafka: hints do not reach other nodes, which then notice changes by their periodic check",
					"topic", b.config.Hints, "reason", reason)
			}
		}
	}
}

func sendHints(ctx context.Context, client *kgo.Client, hints map[booking.VenueID]booking.Revision) error {
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	var lines []byte
	for venue, revision := range hints {
		lines = append(lines, venue...)
		lines = append(lines, ' ')
		lines = strconv.AppendUint(lines, uint64(revision), 10)
		lines = append(lines, '\n')
	}
	if len(lines) == 0 {
		return nil
	}
	return client.ProduceSync(ctx, &kgo.Record{Value: lines}).FirstErr()
}

// Watch calls hint with what other nodes announce, as [bus.Hinter] says.
func (b *Bus) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return errClosed
	}
	b.running.Add(1)
	b.mu.Unlock()
	defer b.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(b.ctx, cancel)
	defer stop()
	logged := "" // the last reason
	for failures := 0; ; failures++ {
		heard, err := b.listen(ctx, hint)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if heard {
			failures = 0
		}
		if reason := text(err); reason != logged {
			logged = reason
			b.log.Warn("Kafka: no hints of other nodes are heard; their changes are noticed by the periodic check",
				"topic", b.config.Hints, "reason", reason)
		}
		if err := wait(ctx, backoff(failures)); err != nil {
			return err
		}
	}
}

// listen reads hints from now on, until something goes wrong. A client of the library may wait for a topic for ever that was deleted and
// made again; another finds it.
func (b *Bus) listen(ctx context.Context, hint func(booking.VenueID, booking.Revision)) (heard bool, err error) {
	client, err := kgo.NewClient(append(b.connecting(&networkErrors{}),
		kgo.ConsumeTopics(b.config.Hints),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtEnd()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()),
		kgo.FetchMaxWait(hintTimeout),
		kgo.KeepRetryableFetchErrors(),
	)...)
	if err != nil {
		return false, err
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		fetches.EachRecord(func(r *kgo.Record) {
			heard = true
			readHints(string(r.Value), hint)
		})
		if err := fetches.Err(); err != nil {
			return heard, err
		}
	}
}

// readHints leaves out what it does not understand: a later version may write more.
func readHints(lines string, hint func(booking.VenueID, booking.Revision)) {
	for line := range strings.Lines(lines) {
		venue, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if revision, err := strconv.ParseUint(number, 10, 64); err == nil {
			hint(booking.VenueID(venue), booking.Revision(revision))
		}
	}
}

// prepareHints makes the topic of hints once, if topics are to be declared. That it fails is no reason not to publish.
func (b *Bus) prepareHints(ctx context.Context, admin *kadm.Client) {
	if !b.config.Declare || b.hintsPrepared {
		return
	}
	err := create(ctx, admin, b.config.Hints, 1, b.config.Replicas, map[string]string{
		retention: strconv.FormatInt(hintRetention.Milliseconds(), 10), cleanupPolicy: "delete",
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return // the next check tries again
	}
	b.hintsPrepared = true
	if err != nil {
		b.log.Warn("Kafka: the topic of hints cannot be made; make it, or nodes notice each other's changes by their periodic check",
			"topic", b.config.Hints, "reason", err.Error())
	}
}
