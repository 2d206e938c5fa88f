package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vacancy/internal/booking"
)

// The defence against cross-site request forgery (CSRF). A browser sends what any page asks of it, with the visitor's address and network.
// It says where the page comes from, in Sec-Fetch-Site or Origin; programs that are no browsers send neither. What changes something is
// refused to pages of other sites, but for those that the venue lists; so is everything with a management key; and a body must be
// announced as JSON, which no form can send.

// ownPageHeader is what our own pages put into their requests. A page of another origin can send it after a preflight only, which
// refuses it. So it tells our pages where nothing else does: over plain HTTP, where browsers send no Sec-Fetch-Site, and behind a proxy
// that puts another Host into requests.
const ownPageHeader = "X-Requested-With"

// checkOrigin refuses a request that changes something, if a page of another site makes it that the venue does not list.
func (c *requestContext) checkOrigin(rt *route) error {
	if c.crossSite.Check(c.r) == nil {
		return nil
	}
	origin := c.r.Header.Get("Origin")
	if rt.crossOrigin && origin != "" && allows(c.r.Context(), c.Catalogue, venueNamed(c.r), origin) {
		return nil
	}
	if c.r.Header.Get("Sec-Fetch-Site") == "" {
		if c.r.Header.Get(ownPageHeader) != "" {
			return nil
		}
		c.noticeHost(origin)
	}
	if !rt.crossOrigin {
		return errForeignPage
	}
	return errOrigin
}

// noticeHost tells the operator of a page whose Origin is not the Host that arrived, where the browser did not say more. It may be a
// page of our own, behind a proxy that puts another Host into requests.
func (c *requestContext) noticeHost(origin string) {
	now := time.Now().Unix()
	if next := c.hostNoticed.Load(); now >= next && c.hostNoticed.CompareAndSwap(next, now+hostNoticeEvery) {
		c.Log.LogAttrs(c.r.Context(), slog.LevelWarn, "a request is refused because its Origin is not the Host it came to; "+
			"if the page is this server's own, let the proxy pass on the Host header",
			slog.String("origin", printable(origin)), slog.String("host", printable(c.r.Host)))
	}
}

// foreignPage tells whether a page of another origin makes the request, whatever it asks for.
func foreignPage(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin": // the browser's own word holds behind a proxy too, which may put another Host into the request
		return false
	case "cross-site", "same-site":
		return true
	}
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// PageOrigin is where the page comes from that opened a connection: the connection may be used long after.
type PageOrigin struct {
	catalogue Catalogue
	// origin is that of a page of another site. It is empty for pages of this server, and for programs that are no browsers.
	origin  string
	foreign bool
}

// PageOriginOf finds the origin of a request's page.
func PageOriginOf(c Catalogue) func(*http.Request) PageOrigin {
	return func(r *http.Request) PageOrigin {
		if !foreignPage(r) {
			return PageOrigin{}
		}
		return PageOrigin{catalogue: c, origin: r.Header.Get("Origin"), foreign: true}
	}
}

// Foreign tells whether it is a page of another site. Management keys have no place there.
func (p PageOrigin) Foreign() bool { return p.foreign }

// Allowed tells whether the page may ask for what is the venue's: it is one of this server's own, or the venue lists its origin.
func (p PageOrigin) Allowed(ctx context.Context, venue string) bool {
	return !p.foreign || p.origin != "" && allows(ctx, p.catalogue, booking.VenueID(venue), p.origin)
}
