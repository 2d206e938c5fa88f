package httpapi

import (
	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// idempotency is the request's Idempotency-Key, with what is asked under it.
func (c *requestContext) idempotency(parts ...string) (desk.Idempotency, error) {
	keys := c.r.Header["Idempotency-Key"]
	if len(keys) == 0 {
		return desk.Idempotency{}, nil
	}
	if len(keys) > 1 || keys[0] == "" || len(keys[0]) > maxIdempotencyKey || !isVisibleASCII(keys[0]) {
		return desk.Idempotency{}, booking.NewInvalid("Idempotency-Key", "must have 1 to %d visible ASCII characters", maxIdempotencyKey)
	}
	if c.actor.Kind == booking.Public && len(keys[0]) < minAnonymousKey {
		return desk.Idempotency{}, booking.NewInvalid("Idempotency-Key",
			"must have at least %d characters, and be random: without a token, others may send the same one", minAnonymousKey)
	}
	return desk.Idempotency{Key: keys[0], Route: c.r.Pattern, Request: fingerprint(parts...)}, nil
}
