package httpapi

import (
	"net/http"

	"vacancy/internal/booking"
)

// Health says that the process answers.
type Health struct {
	Status string `json:"status" enum:"ok" example:"ok"`
}

// Readiness says what the server can do.
type Readiness struct {
	Writes bool `json:"writes" doc:"Whether a booking would be likely to succeed. Reads are served either way." example:"true"`
}

func (a *api) addHealth() {
	a.add(&route{
		method: http.MethodGet, path: "/healthz", id: "health", tag: tagOperation, uncounted: true,
		summary: "Whether the process answers", description: "For whoever restarts it if it does not.",
		successes: []success{{http.StatusOK, "It does.", Health{}, "", nil}},
		handler:   noBody((*requestContext).health),
	})
	if a.AdminPort {
		return
	}
	a.add(&route{
		method: http.MethodGet, path: "/readyz", id: "readiness", tag: tagOperation, uncounted: true,
		summary: "Whether to send requests here", description: "For load balancers. 503 while the server starts, and once it begins to stop.",
		successes: []success{{http.StatusOK, "It serves.", Readiness{}, "", nil}},
		errors:    []string{"unavailable"},
		handler:   noBody((*requestContext).readiness),
	})
}

func (c *requestContext) health() error {
	c.w.Header()["Cache-Control"] = noStore
	return c.json(http.StatusOK, Health{Status: "ok"})
}

// readiness is answered from what is known already, so that a database that hangs does not make load balancers give up a node whose
// reads answer.
func (c *requestContext) readiness() error {
	if !c.State.Ready() {
		return booking.ErrUnavailable
	}
	c.w.Header()["Cache-Control"] = noStore
	return c.json(http.StatusOK, Readiness{Writes: c.State.Writable()})
}
