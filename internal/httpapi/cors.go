package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"vacancy/internal/booking"
)

// Pages of other origins may make the calls that customers make, for the venues that allow their origin; no management call, and
// none with a management key. There is no wildcard: an answer names the one origin it is for, so caches must keep them apart.

const (
	allowedHeaders = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id"
	exposedHeaders = "ETag, Location, Retry-After, X-Request-Id"
)

// crossOrigin lets the page that makes the request read the answer, if the venue allows its origin.
func (c *requestContext) crossOrigin() {
	h := c.w.Header()
	h["Vary"] = varyOrigin
	origin := c.r.Header.Get("Origin")
	if origin != "" && allows(c.r.Context(), c.Catalogue, venueNamed(c.r), origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", exposedHeaders)
	}
}

// preflight answers a browser that asks whether a page of another origin may make a call.
func (a *api) preflight(rt *route) {
	if methods, ok := a.preflights[rt.path]; ok {
		a.preflights[rt.path] = append(methods, rt.method)
		return
	}
	a.preflights[rt.path] = []string{rt.method}
	a.mux.HandleFunc(http.MethodOptions+" "+rt.path, func(w http.ResponseWriter, r *http.Request) {
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
	})
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
	return err == nil && !venue.Archived && slices.ContainsFunc(venue.AllowedOrigins, func(allowed string) bool {
		return strings.EqualFold(allowed, origin)
	})
}

// foreignPage tells whether a page of another origin makes the request. Programs that are no browsers send neither header.
func foreignPage(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	// The browser's own word holds behind a proxy too, which may put another Host into the request.
	if origin == "" || r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// AllowOrigin tells whether a page of the request's Origin may connect to the live queries: one of this server's own, or one that
// the venue named by the query allows.
func AllowOrigin(c Catalogue) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return !foreignPage(r) || allows(r.Context(), c, venueNamed(r), r.Header.Get("Origin"))
	}
}
