package view_test

import (
	"testing"

	"vacancy/internal/booking"
)

// TestCatchUpWithOlderProgram: a node catches up with the edits of an older program, which does not know all settings and does not state
// them. They are in the picture as they were, and in the next picture too.
func TestCatchUpWithOlderProgram(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	picture(t, v) // from here on it catches up
	limits := booking.Limits{HoldsPerClient: 3}
	const omitsAll = booking.OmitsOrder | booking.OmitsLimits
	for _, c := range []struct {
		name  string
		order int
		omits booking.Omitted
	}{{"first", 7, 0}, {"older", 0, omitsAll}, {"older again", 0, omitsAll}} {
		h.mu.Lock()
		of := booking.Limits{}
		if c.omits == 0 {
			of = limits
		}
		h.add([]booking.Entry{
			{Kind: booking.ResourcePut, Resource: &booking.Resource{ID: "r", Name: c.name, Order: c.order}, Omits: c.omits & booking.OmitsOrder},
			{Kind: booking.ServicePut, Service: &booking.Service{ID: "s", Name: c.name, Order: c.order, Limits: of}, Omits: c.omits},
		})
		h.mu.Unlock()
		v.Check(t.Context())
		p := picture(t, v)
		if r := p.Resources["r"]; r.Name != c.name || r.Order != 7 {
			t.Errorf("%s: the resource is %+v", c.name, r)
		}
		if s := p.Services["s"]; s.Name != c.name || s.Order != 7 || s.Limits != limits {
			t.Errorf("%s: the service is %+v", c.name, s)
		}
	}
	if h.loads != 1 {
		t.Errorf("the venue was loaded %d times", h.loads)
	}
}
