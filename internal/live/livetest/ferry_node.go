package livetest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

// FerryNow is a moment when the ferry has not left yet: a Saturday in Berlin, 01:00.
func FerryNow() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// FerryNode is a node that has the ferry in its store: what a transport is tested on. The ferry sails on the day after [FerryNow].
type FerryNode struct {
	*Node

	Store *Store
	// Readers hears how many there are.
	Readers chan int
	// Faults is how many deltas shall panic as they are handed out.
	Faults atomic.Int32
	// Panics is how many were caught.
	Panics atomic.Int32
}

// NewFerryNode makes a node with that clock, and with what edit changes of the hub's configuration.
func NewFerryNode(tb testing.TB, now func() time.Time, edit func(*live.Config)) *FerryNode {
	tb.Helper()
	n := &FerryNode{Store: NewStore(now), Readers: make(chan int, 10_000)}
	n.Store.CommitSettings(Ferry())
	n.Node = NewNodeWith(tb, n.Store, now, func(c *live.Config) {
		c.Metrics = ferryMetrics{n}
		edit(c)
	})
	return n
}

// Book commits a booking of so many on the hour, and tells the node.
func (n *FerryNode) Book(tb testing.TB, hour, party int) booking.BookingID {
	tb.Helper()
	c, err := n.Store.Book("ferry", "trip", "", time.Date(2000, 1, 2, hour-1, 0, 0, 0, time.UTC), party)
	if err != nil {
		tb.Fatal(err)
	}
	n.View.Apply(context.Background(), c)
	return c.Entries[0].Booking.ID
}

// ferryMetrics tells how many readers there are, and injects faults.
type ferryMetrics struct{ node *FerryNode }

func (m ferryMetrics) Readers(n int)              { m.node.Readers <- n }
func (ferryMetrics) Published(time.Duration, int) {}
func (ferryMetrics) Update(time.Duration)         {}

// Delivered panics for a delta, while there are faults left.
func (m ferryMetrics) Delivered(event live.Event) {
	if event == live.EventDelta && m.node.Faults.Add(-1) >= 0 {
		panic("injected")
	}
}

func (ferryMetrics) Reset(live.Reason) {}
func (ferryMetrics) LaterTerm()        {}
func (m ferryMetrics) Panicked()       { m.node.Panics.Add(1) }
