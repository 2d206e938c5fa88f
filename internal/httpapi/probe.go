package httpapi

import (
	"context"
	"crypto/subtle"
	"net/http"
)

// The server's own probe books as a customer does, by HTTP, at a venue that nobody else can reach; see [booking.ProbeVenue]. What it asks
// is outside of limits, and in no figure or log line of requests.

// ProbeHeader is the header in which the probe sends its token.
const ProbeHeader = "Vacancy-Probe"

// probeHeader is the same as the server spells it.
var probeHeader = http.CanonicalHeaderKey(ProbeHeader)

// probeMark is in the context of the probe's requests.
type probeMark struct{}

// markProbe marks the request if it is the probe's. A wrong token is passed over: whoever guesses learns nothing.
func (a *api) markProbe(r *http.Request) *http.Request {
	token := r.Header.Get(ProbeHeader)
	if a.ProbeToken == "" || subtle.ConstantTimeCompare([]byte(token), []byte(a.ProbeToken)) != 1 {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), probeMark{}, true))
}

// isProbe tells whether the request is the probe's.
func isProbe(r *http.Request) bool { return r.Context().Value(probeMark{}) != nil }
