package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"vacancy/internal/booking"
)

// Weight is the share of its usual traffic that the server asks load balancers for, in percent.
type Weight interface {
	Weight() int
	// SetWeight takes 0 to 100.
	SetWeight(int) error
}

// WeightBody is the body of the calls that read and set it.
type WeightBody struct {
	Weight int `json:"weight"`
}

// addWeight mounts the weight, on the operator's port alone.
func (a *api) addWeight() {
	if a.Weight == nil {
		return
	}
	set := withBody((*requestContext).setWeight)
	ok := []success{{http.StatusOK, "The weight.", WeightBody{}, "", nil}}
	a.add(&route{
		method: http.MethodGet, path: "/weight", id: "get-weight", tag: tagOperation, uncounted: true,
		summary: "Read how much traffic is asked for", successes: ok, handler: noBody((*requestContext).weight),
	})
	a.add(&route{
		method: http.MethodPut, path: "/weight", id: "put-weight", tag: tagOperation, uncounted: true,
		summary: "Set how much traffic is asked for", successes: ok, errors: []string{"invalid", "unauthenticated", "forbidden"},
		handler: handler{body: set.body, serve: func(c *requestContext) error {
			if err := c.admitToWeight(); err != nil {
				return err
			}
			return set.serve(c)
		}},
	})
}

func (c *requestContext) weight() error {
	c.w.Header()["Cache-Control"] = noStore
	return c.json(http.StatusOK, WeightBody{c.Weight.Weight()})
}

func (c *requestContext) setWeight(wanted WeightBody) error {
	if wanted.Weight < 0 || wanted.Weight > 100 {
		return booking.NewInvalid("weight", "must be 0 to 100")
	}
	before := c.Weight.Weight()
	if err := c.Weight.SetWeight(wanted.Weight); err != nil {
		return err
	}
	if before != wanted.Weight {
		c.Log.InfoContext(c.r.Context(), "the weight is set", "weight", wanted.Weight, "before", before, "peer", c.r.RemoteAddr)
	}
	return c.weight()
}

// admitToWeight lets direct calls from this machine pass, and the operator's key. That is compared in memory, since the weight must be
// settable while the database is away.
func (c *requestContext) admitToWeight() error {
	if directFromThisMachine(c.r) {
		return nil
	}
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return booking.ErrUnauthenticated
	}
	given, right := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(c.AdminKey))
	if c.AdminKey == "" || foreignPage(c.r) || subtle.ConstantTimeCompare(given[:], right[:]) != 1 {
		return booking.ErrForbidden
	}
	return nil
}
