package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"vacancy/internal/booking"
)

// Pages of other origins may make the calls that customers make, for the venues that allow their origin; no management call, and
// none with a management key. There is no wildcard: an answer names the one origin it is for, so caches must keep them apart.

const (
	allowedHeaders = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id"
	exposedHeaders = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)

// allowedOrigin is an origin that a venue allowed.
type allowedOrigin struct {
	venue  booking.VenueID
	origin string
}

// crossOrigin lets the page that makes the request read the answer, if the venue allows its origin. If the request is refused because its
// client is over a limit, the venue is not asked for: only pages that called lately can read the refusal.
func (c *requestContext) crossOrigin(limited bool) {
	h := c.w.Header()
	h["Vary"] = varyOrigin
	origin := c.r.Header.Get("Origin")
	if origin == "" {
		return
	}
	call := allowedOrigin{venueNamed(c.r), origin}
	if limited {
		if !c.allowedOrigins.has(call) {
			return
		}
	} else {
		if !allows(c.r.Context(), c.Catalogue, call.venue, origin) {
			c.allowedOrigins.remove(call)
			return
		}
		c.allowedOrigins.add(call)
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposedHeaders)
}

// preflight answers a browser that asks whether a page of another origin may make a call.
func (a *api) preflight(rt *route) {
	if methods, ok := a.preflights[rt.path]; ok {
		a.preflights[rt.path] = append(methods, rt.method)
		return
	}
	a.preflights[rt.path] = []string{rt.method}
	a.mux.Handle(http.MethodOptions+" "+rt.path, a.counted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Vary"] = []string{"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
		origin := r.Header.Get("Origin")
		if origin == "" || !allows(r.Context(), a.Catalogue, venueNamed(r), origin) {
			a.fail(w, r, errOrigin)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Methods", strings.Join(a.preflights[rt.path], ", "))
		h.Set("Access-Control-Allow-Headers", allowedHeaders)
		h.Set("Access-Control-Max-Age", preflightMaxAge)
		w.WriteHeader(http.StatusNoContent)
	})))
}

// venueNamed is the venue that the request's path names or, for live queries, its query.
func venueNamed(r *http.Request) booking.VenueID {
	if venue := r.PathValue("venue"); venue != "" {
		return booking.VenueID(venue)
	}
	return booking.VenueID(r.URL.Query().Get("venue"))
}

// allows tells whether the venue lets pages of the origin call the API.
func allows(ctx context.Context, c Catalogue, id booking.VenueID, origin string) bool {
	if !booking.ValidID(string(id)) {
		return false
	}
	venue, _, err := c.Venue(ctx, id)
	if err != nil || venue.Archived {
		return false
	}
	origin, ok := booking.NormalizeOrigin(origin)
	return ok && slices.ContainsFunc(venue.AllowedOrigins, func(allowed string) bool {
		allowed, ok := booking.NormalizeOrigin(allowed)
		return ok && allowed == origin
	})
}
