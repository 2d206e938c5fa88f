package httpapi

import (
	"crypto/sha256"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/limit"
)

// How much one client may do is for package limit to say. Here is what is counted, and how a refusal is answered.

// clientOf is the client that makes a request, by its address.
func (a *api) clientOf(r *http.Request) limit.Client {
	return a.Limits.Identify(r.RemoteAddr, r.Header["X-Forwarded-For"])
}

// counted serves what is no route of the API, and counts its requests.
func (a *api) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.Limits.Allow(a.clientOf(r), limit.Requests); err != nil {
			a.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// countCaller counts a request, and says who makes it: a management key is counted by itself, whoever else by address.
//
// Whether a token is a right key only the database knows, and an address that is over its requests must not have it asked at will. So
// keys that were right lately are recognised by their hashes, and are never refused for others at their address. One that this node has
// not seen yet has a few look-ups to itself there (see [limit.KeyLookups]). Who is recognised is only counted as a key: what the request
// may do is for the database to say each time, so that a key that was replaced ends at once.
func (c *requestContext) countCaller() (booking.Actor, error) {
	address := c.clientOf(c.r)
	hash, sent := c.Callers.TokenHash(c.r)
	known := sent && c.rightKeys.has(hash)
	var limited error
	if known {
		c.client = limit.Key(hash)
		limited = c.Limits.Allow(c.client, limit.Requests)
	} else {
		c.client = address
		limited = c.Limits.Allow(c.client, limit.Requests)
		if limited != nil && sent && c.Limits.Allow(address, limit.KeyLookups) == nil {
			return c.lookUpKey(hash, limited)
		}
	}
	if limited != nil {
		return booking.Actor{}, limited
	}
	actor, err := c.Callers.Actor(c.r.Context(), c.r)
	switch {
	case err != nil || known == (actor.Kind == booking.Staff):
		return actor, err
	case known: // the key was replaced meanwhile
		c.rightKeys.remove(hash)
		c.client = address
	default:
		c.Limits.Refund(address, limit.Requests)
		c.rightKeys.add(hash)
		c.client = limit.Key(hash)
	}
	return actor, c.Limits.Allow(c.client, limit.Requests)
}

// countPublic counts a request for what everybody may see. Who makes it matters only where its address is over the limit: a right key is
// counted by itself then. A key that is not known yet has the look-ups of [requestContext.countCaller].
func (c *requestContext) countPublic() error {
	c.client = c.clientOf(c.r)
	limited := c.Limits.Allow(c.client, limit.Requests)
	if limited == nil {
		return nil
	}
	hash, sent := c.Callers.TokenHash(c.r)
	if !sent || !c.rightKeys.has(hash) && c.Limits.Allow(c.client, limit.KeyLookups) != nil {
		return limited
	}
	_, err := c.lookUpKey(hash, limited)
	return err
}

// lookUpKey lets a right key pass where its address is over the limit.
func (c *requestContext) lookUpKey(hash [sha256.Size]byte, limited error) (booking.Actor, error) {
	actor, err := c.Callers.Actor(c.r.Context(), c.r)
	if err != nil || actor.Kind != booking.Staff {
		if err == nil {
			c.rightKeys.remove(hash) // it was replaced meanwhile
		}
		return booking.Actor{}, limited
	}
	c.rightKeys.add(hash)
	c.client = limit.Key(hash)
	return actor, c.Limits.Allow(c.client, limit.Requests)
}

// isAsset tells whether an address is that of a part of a page. Browsers keep those, and load many at once when they do not: they are
// free.
func isAsset(path string) bool { return strings.HasPrefix(path, "/assets/") }

// countFailedAuthentication counts a request that failed for its key or token. Who has sent many wrong ones is told so. Right ones are
// never refused for it: behind one address there may be a thousand customers, and one who guesses. A guess costs no more than a right
// token, and has no chance: they have 128 random bits.
func (c *requestContext) countFailedAuthentication(err error) error {
	sent := len(c.r.Header["Authorization"]) > 0 && c.actor.Kind != booking.Staff
	if !sent || !errors.Is(err, booking.ErrUnauthenticated) && !errors.Is(err, booking.ErrForbidden) {
		return err
	}
	if limited := c.Limits.Allow(c.client, limit.FailedAuthentication); limited != nil {
		return limited
	}
	return err
}

// countBooking counts a booking or a hold that is going to be made, unless it is a repeat of one that was counted: the same key and the
// same request. Undo takes that back. Without limits, and of nobody in particular, nothing is counted.
func (c *requestContext) countBooking(venue booking.VenueID, i desk.Idempotency) (undo func(), err error) {
	if !c.client.Known() {
		return func() {}, nil
	}
	if i.Key == "" {
		if err := c.Limits.Allow(c.client, limit.Bookings); err != nil {
			return nil, err
		}
		return func() { c.Limits.Refund(c.client, limit.Bookings) }, nil
	}
	id := fingerprint(string(venue), string(c.actor.TokenHash[:]), i.Key, string(i.Request[:]))
	return c.Limits.AllowOnce(c.client, limit.Bookings, id)
}

// setRateLimit says in an answer which limit was exceeded and when to come back, as draft-ietf-httpapi-ratelimit-headers has it.
func setRateLimit(h http.Header, e *limit.Exceeded) {
	policy, state := strconv.Quote(e.Limit)+";q="+strconv.Itoa(e.Quota.Burst), strconv.Quote(e.Limit)+";r=0"
	if e.Quota.Every > 0 {
		policy += ";w=" + seconds(e.Quota.Every*time.Duration(e.Quota.Burst))
		state += ";t=" + seconds(e.RetryAfter)
		h.Set("Retry-After", seconds(e.RetryAfter))
	}
	h.Set("RateLimit-Policy", policy)
	h.Set("RateLimit", state)
}

// seconds are the whole seconds that are not shorter than d, and at least one.
func seconds(d time.Duration) string { return strconv.Itoa(max(1, int(math.Ceil(d.Seconds())))) }
