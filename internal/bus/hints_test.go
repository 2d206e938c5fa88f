package bus_test

import (
	"fmt"
	"maps"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

func TestHintsAreMerged(t *testing.T) {
	t.Parallel()
	h := bus.NewHints()
	for _, revision := range []booking.Revision{4, 7, 5} {
		h.Add("yoga", revision)
	}
	h.Add("salon", 1)
	<-h.Ready()
	want := map[booking.VenueID]booking.Revision{"yoga": 7, "salon": 1}
	if got := h.Take(); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := h.Take(); len(got) > 0 {
		t.Errorf("taken twice: %v", got)
	}
}

// TestHintsAreBounded: a node whose broker is away for long does not grow. Venues that wait already are still raised.
func TestHintsAreBounded(t *testing.T) {
	t.Parallel()
	h := bus.NewHints()
	for i := range bus.MaxHints + 10 {
		h.Add(booking.VenueID(fmt.Sprint(i)), 1)
	}
	h.Add("0", 2)
	taken := h.Take()
	if len(taken) != bus.MaxHints || taken["0"] != 2 {
		t.Errorf("%d venues wait, and the first is at revision %d", len(taken), taken["0"])
	}
}
