package view_test

import (
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// TestCatchUpWithOlderProgram: a node catches up with the edits of an older program, which do not state all settings. What is missing may
// be as before or a default, so the venue is read from the store; and its readers go on, since it is the same history.
func TestCatchUpWithOlderProgram(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	picture(t, v) // from here on it catches up
	add := func(e booking.Entry) *view.Picture {
		h.mu.Lock()
		h.add([]booking.Entry{e})
		h.mu.Unlock()
		v.Check(t.Context())
		return picture(t, v)
	}
	put := func(omits booking.Omitted) booking.Entry {
		return booking.Entry{Kind: booking.ResourcePut, Resource: &booking.Resource{ID: "r", Name: "as the entry has it"}, Omits: omits}
	}
	stated := add(put(0))
	if r := stated.Resources["r"]; r.Name != "as the entry has it" || h.loads != 1 {
		t.Errorf("an entry that states all was not applied: %+v, %d loads", r, h.loads)
	}
	h.mu.Lock()
	h.stored = booking.Resource{ID: "r", Name: "as it is stored", Order: 7}
	h.mu.Unlock()
	omitting := add(put(booking.OmitsOrder))
	if r := omitting.Resources["r"]; r.Name != h.stored.Name || r.Order != 7 || h.loads != 2 {
		t.Errorf("the resource is %+v after %d loads", r, h.loads)
	}
	service := booking.Entry{Kind: booking.ServicePut, Service: &booking.Service{ID: "s"}, Omits: booking.OmitsLimits}
	if next := add(service); next.Revision != 4 || h.loads != 3 || !next.Follows(stated) {
		t.Errorf("revision %d after %d loads", next.Revision, h.loads)
	}
}
