package httpapi

import "net/http"

func (a *api) addLive() {
	a.add(&route{
		method: http.MethodGet, path: "/v1/live", id: "watch-availability", tag: tagAvailability,
		summary: "Watch what can be booked",
		description: "Server-sent events, or a WebSocket if the request asks for the upgrade; api/live.md describes both. The first event is a " +
			"snapshot, the body of GET availability, or with a position what changed since; a delta follows each change. " +
			"A WebSocket may leave out the query and subscribe by messages.",
		crossOrigin: true,
		params: []string{
			"venue-watched", "service-watched", "from", "to", "party_size", "resource", "position", "Last-Event-ID",
		},
		successes: []success{
			{http.StatusOK, "The events: snapshot, delta, reset, stale, fresh, goodbye.", "", "text/event-stream", nil},
			{http.StatusSwitchingProtocols, "The connection is a WebSocket now.", nil, "", nil},
		},
		errors:  []string{"not_found", "invalid", "busy"},
		handler: noBody((*requestContext).live),
	})
}

// live hands the request to the transports, which answer it and whatever is wrong with it.
func (c *requestContext) live() error {
	c.Live.ServeHTTP(c.w, c.r)
	return nil
}
