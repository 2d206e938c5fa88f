package livetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"vacancy/internal/live"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Node is a view and a hub over a store. Neither runs by itself: apply changes to the view, or have it check.
type Node struct {
	View *view.View
	Hub  *live.Hub
}

// NewNode makes a node, which ends with the test or benchmark. Its clock is the store's.
func NewNode(tb testing.TB, s *Store) *Node {
	tb.Helper()
	return NewNodeWith(tb, s, s.now, func(*live.Config) {})
}

// NewNodeWith makes a node with a clock of its own, and with what edit changes of the hub's configuration. The store's clock it knows
// once its view has been synchronised, or has checked.
func NewNodeWith(tb testing.TB, s store.Reader, now func() time.Time, edit func(*live.Config)) *Node {
	tb.Helper()
	log := slog.New(slog.DiscardHandler)
	n := &Node{View: view.New(view.Config{Store: s, Now: now, Log: log, MaxVenues: 100, FindDatabase: finderOf(s)})}
	config := live.Config{View: n.View, Documents: nothing{}, Log: log}
	edit(&config)
	n.Hub = live.New(config)
	n.View.Listen(n.Hub)
	tb.Cleanup(n.Hub.Close)
	return n
}

// finderOf is the search of a store that may lead to another database; nil if there is only one.
func finderOf(s store.Reader) func(context.Context) error {
	if s, ok := s.(interface {
		FindDatabase(ctx context.Context) error
	}); ok {
		return s.FindDatabase
	}
	return nil
}

// Waker is a [live.Waker] that remembers one call.
type Waker chan struct{}

// NewWaker makes a waker. Receive from it to wait for a call.
func NewWaker() Waker { return make(Waker, 1) }

// Wake implements [live.Waker].
func (w Waker) Wake() {
	select {
	case w <- struct{}{}:
	default:
	}
}
