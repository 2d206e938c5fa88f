package live

import (
	"vacancy/internal/booking"
)

// freshness is whether what readers have may lag behind the store, and the frame that says so.
type freshness struct {
	stale bool
	frame *Frame
}

// Fresh implements [view.Listener].
func (h *Hub) Fresh(id booking.VenueID) {
	if id != "" {
		if v := h.find(id); v != nil {
			v.noteFreshness()
		}
	} else {
		h.noteFreshness()
		for _, v := range h.venues() {
			v.noteFreshness()
		}
	}
	h.broadcaster.Trigger()
}

// noteFreshness asks the view how fresh the node is. Asking and noting are one, so that the last to note has the latest.
func (h *Hub) noteFreshness() {
	h.freshnessMu.Lock()
	defer h.freshnessMu.Unlock()
	h.freshness.Store(h.freshnessOf(""))
}

// noteFreshness asks the view how fresh the venue is.
func (v *venue) noteFreshness() {
	v.hub.freshnessMu.Lock()
	defer v.hub.freshnessMu.Unlock()
	v.own.Store(v.hub.freshnessOf(v.id))
}

// initFreshness does so for a venue that somebody begins to look at. Others may have been quicker, and not know it yet.
func (v *venue) initFreshness() {
	v.noteFreshness()
	if v.own.Load().stale {
		v.hub.broadcaster.Trigger()
	}
}

// freshness is the venue's own if it is stale; else it is as fresh as the node.
func (v *venue) freshness() *freshness {
	if own := v.own.Load(); own != nil && own.stale {
		return own
	}
	return v.hub.freshness.Load()
}

func (h *Hub) freshnessOf(id booking.VenueID) *freshness {
	stale, asOf := h.config.View.Freshness(id)
	event := EventFresh
	if stale {
		event = EventStale
	}
	return &freshness{stale: stale, frame: &Frame{Event: event, AsOf: asOf}}
}

// broadcast wakes every reader, so that it hears whether what it has is fresh.
func (h *Hub) broadcast() {
	for _, v := range h.venues() {
		for _, w := range v.wakers() {
			w.Wake()
		}
	}
}
