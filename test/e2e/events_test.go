package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/client"
	"vacancy/internal/bus/kafkabus/kafkatest"
	"vacancy/internal/bus/rabbitbus/rabbittest"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// received is an event as it reached a consumer.
type received struct {
	id, venue, name, subject string
	revision                 uint64
	index                    int
	data                     json.RawMessage
}

// realBroker is a broker that is killed and started again, and whose messages are read when all is over.
type realBroker struct {
	args        []string
	kill, start func(testing.TB)
	received    func(*testing.T) []received
}

func rabbit(t *testing.T) realBroker {
	t.Helper()
	b := rabbittest.Start(t)
	return realBroker{
		args: []string{"--bus", b.URL(), "--bus-queue", "all"}, kill: b.Kill, start: b.Start,
		received: func(t *testing.T) (all []received) {
			t.Helper()
			conn, err := amqp.Dial(b.URL())
			must(t, err)
			defer conn.Close()
			ch, err := conn.Channel()
			must(t, err)
			for {
				m, ok, err := ch.Get("all", true)
				must(t, err)
				if !ok {
					return all
				}
				var e struct {
					ID, Source, Type, Subject, Revision, Index string
					Data                                       json.RawMessage
				}
				must(t, json.Unmarshal(m.Body, &e))
				all = append(all, newReceived(t, e.ID, e.Source, e.Type, e.Subject, e.Revision, e.Index, e.Data))
			}
		},
	}
}

func kafka(t *testing.T) realBroker {
	t.Helper()
	b := kafkatest.Start(t, kafkatest.Options{})
	return realBroker{
		args: []string{"--bus", "kafka://" + b.Address()}, kill: b.Kill, start: b.Start,
		received: func(t *testing.T) (all []received) {
			t.Helper()
			for _, r := range b.Records(t, "vacancy") {
				h := make(map[string]string)
				for _, header := range r.Headers {
					h[header.Key] = string(header.Value)
				}
				all = append(all, newReceived(t, h["ce_id"], h["ce_source"], h["ce_type"], h["ce_subject"], h["ce_revision"], h["ce_index"], r.Value))
			}
			return all
		},
	}
}

func newReceived(t *testing.T, id, source, kind, subject, revision, index string, data json.RawMessage) received {
	t.Helper()
	r := received{id: id, venue: source, name: kind, subject: subject, data: data}
	var err error
	r.revision, err = strconv.ParseUint(revision, 10, 64)
	must(t, err)
	r.index, err = strconv.Atoi(index)
	must(t, err)
	return r
}

// TestEventsReachTheBroker: bookings are made on two nodes while the broker is killed and started again, and then one of the nodes is
// killed. No booking fails for it; each is told of; what is told first is in order; and the last value of each slot is what GET answers.
func TestEventsReachTheBroker(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) realBroker{"rabbitmq": rabbit, "kafka": kafka} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker := start(t)
			database := postgrestest.Shared(t).Schema(t)
			args := append([]string{"--limits", "off"}, broker.args...)
			nodes := []*proc.Process{proc.Launch(t, database, args...), proc.Launch(t, database, args...)}
			venues := make([]string, 6) // whose shards are with one node or the other
			for i := range venues {
				venues[i] = fmt.Sprintf("studio%d", i)
				classAt(t, nodes[0].Client(t), venues[i], 1_000_000)
			}
			storm := startStorm(t, nodes[1], venues)
			storm.some(t)
			broker.kill(t)
			storm.some(t)
			broker.start(t)
			storm.some(t)
			nodes[0].Kill()
			storm.some(t)
			storm.end(t)
			eventually(t, "all is sent", func() bool { return nothingUnsent(t, nodes[1], name) })
			checkReceived(t, broker.received(t), nodes[1].Client(t), venues, storm.booked.Load())
		})
	}
}

// nothingUnsent tells whether a server has all leases of a bus, and has sent everything.
func nothingUnsent(t *testing.T, server *proc.Process, bus string) bool {
	t.Helper()
	figures := get(t, server.URL+"/metrics")
	of := `{bus="` + bus + `"}`
	return figure(t, figures, "vacancy_outbox_leases"+of) == 64 && figure(t, figures, "vacancy_outbox_unsent_venues"+of) == 0
}

// checkReceived compares what a consumer got with what there is.
func checkReceived(t *testing.T, all []received, c *client.Client, venues []string, booked int64) {
	t.Helper()
	type at struct {
		revision uint64
		index    int
	}
	last := make(map[string]at)
	seen := make(map[string]bool)
	confirmed := make(map[string]bool)
	remaining := make(map[string]map[time.Time]int)
	newest := make(map[string]map[time.Time]uint64)
	for _, e := range all {
		if e.name == "vacancy.booking.confirmed.v1" && !seen[e.id] {
			seen[e.id], confirmed[e.venue+" "+e.subject] = true, true
			if before := last[e.venue]; e.revision < before.revision || e.revision == before.revision && e.index <= before.index {
				t.Errorf("the first occurrence of %s comes behind %v", e.id, before)
			}
			last[e.venue] = at{e.revision, e.index}
		}
		if e.name != "vacancy.availability.changed.v1" {
			continue
		}
		var data struct {
			ValuesAt struct{ Revision uint64 } `json:"values_at"`
			Slots    []client.Slot
		}
		must(t, json.Unmarshal(e.data, &data))
		if remaining[e.venue] == nil {
			remaining[e.venue], newest[e.venue] = make(map[time.Time]int), make(map[time.Time]uint64)
		}
		for _, slot := range data.Slots {
			if start := slot.Start.UTC(); data.ValuesAt.Revision >= newest[e.venue][start] {
				remaining[e.venue][start], newest[e.venue][start] = slot.Remaining, data.ValuesAt.Revision
			}
		}
	}
	stored := int64(0)
	for _, venue := range venues {
		for b, err := range c.Bookings(t.Context(), venue, client.BookingsQuery{}) {
			must(t, err)
			stored++
			if !confirmed["/venues/"+venue+" "+b.ID] {
				t.Errorf("nobody was told of booking %s of %s", b.ID, venue)
			}
		}
		q := query()
		q.Venue = venue
		want := slotAt(t, availability(t, c, q), tomorrow()).Remaining
		if got := remaining["/venues/"+venue][tomorrow().UTC()]; got != want {
			t.Errorf("a copy of %s has %d places left, GET %d", venue, got, want)
		}
	}
	if stored < booked || stored == 0 || len(confirmed) != int(stored) {
		t.Errorf("%d bookings were answered, %d are there, and %d were told of", booked, stored, len(confirmed))
	}
}

// storm books at one node, each at one of the venues, until it ends. Nothing may fail.
type storm struct {
	booked   atomic.Int64
	stopping atomic.Bool
	failed   atomic.Pointer[error]
	running  sync.WaitGroup
}

func startStorm(t *testing.T, node *proc.Process, venues []string) *storm {
	t.Helper()
	s := new(storm)
	for i := range 2 * len(venues) {
		c := node.Client(t)
		s.running.Go(func() {
			for !s.stopping.Load() {
				if _, err := c.Book(context.Background(), venues[i%len(venues)], wish()); err != nil {
					s.failed.CompareAndSwap(nil, &err)
					return
				}
				s.booked.Add(1)
			}
		})
	}
	t.Cleanup(func() { s.stopping.Store(true); s.running.Wait() })
	return s
}

// some waits until some more are booked.
func (s *storm) some(t *testing.T) {
	t.Helper()
	goal := s.booked.Load() + 200
	eventually(t, "bookings go on", func() bool { return s.booked.Load() >= goal || s.failed.Load() != nil })
}

func (s *storm) end(t *testing.T) {
	t.Helper()
	s.stopping.Store(true)
	s.running.Wait()
	if err := s.failed.Load(); err != nil {
		t.Errorf("a booking failed: %v", *err)
	}
}
