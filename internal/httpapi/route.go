package httpapi

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
)

// route is one call of the API: how it is documented and how it is served.
type route struct {
	method, path string
	// id names the call in generated clients. tag is its chapter in the document.
	id, tag, summary, description string
	// access is who may call it.
	access access
	// crossOrigin lets the pages of a venue's allowed origins make the call.
	crossOrigin bool
	// uncounted calls are free: those of load balancers. They are public.
	uncounted bool
	// params are names of the parameters of params.go, besides those in the path.
	params []string
	// asks tells whether any of them is in the query.
	asks bool
	// successes are the answers of success; errors are codes of the error table.
	successes []success
	errors    []string
	handler
	// form is that of the body, if there is one.
	form form
}

// access is who may make a call.
type access int

const (
	// public calls are for everybody; who calls is not even looked at.
	public access = iota
	// anybody may make the call, and a token, if there is one, is looked at.
	anybody
	// bookingOwn calls need a token: a booking's manage token or a key.
	bookingOwn
	// staff calls need a management key.
	staff
)

// handler serves a route, and knows the Go type of the body it reads; nil if it reads none.
type handler struct {
	body     reflect.Type
	optional bool // the body may be empty
	serve    func(*requestContext) error
}

// noBody is a handler that reads no body.
func noBody(serve func(*requestContext) error) handler { return handler{serve: serve} }

// withBody is a handler that reads a body of type T.
func withBody[T any](serve func(*requestContext, T) error) handler { return bodyHandler(false, serve) }

// withOptionalBody is a handler that reads a body of type T, unless the request has none.
func withOptionalBody[T any](serve func(*requestContext, T) error) handler {
	return bodyHandler(true, serve)
}

func bodyHandler[T any](optional bool, serve func(*requestContext, T) error) handler {
	return handler{body: reflect.TypeFor[T](), optional: optional, serve: func(c *requestContext) error {
		var body T
		if err := c.decodeBody(&body); err != nil {
			return err
		}
		return serve(c, body)
	}}
}

// success is one way in which a call succeeds.
type success struct {
	status      int
	description string
	// body is a value of the Go type that is sent; nil if nothing is.
	body any
	// media is the content type, if it is not JSON.
	media   string
	headers []string // names of the headers of params.go
}

// add mounts a route and documents it.
func (a *api) add(rt *route) {
	rt.asks = slices.ContainsFunc(rt.params, func(name string) bool {
		return a.huma.OpenAPI().Components.Parameters[name].In == "query"
	})
	op := a.operation(rt)
	if rt.body != nil {
		rt.form = form{schema: op.RequestBody.Content["application/json"].Schema, schemas: a.huma.OpenAPI().Components.Schemas}
	}
	a.huma.OpenAPI().AddOperation(op)
	a.huma.Adapter().Handle(op, func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		a.serve(rt, w, r)
	})
	if rt.crossOrigin {
		a.preflight(rt)
	}
}

// serve runs a route for one request.
func (a *api) serve(rt *route, w http.ResponseWriter, r *http.Request) {
	w.Header()["Content-Security-Policy"] = nothingLoads
	c := &requestContext{api: a, route: rt, w: w, r: r}
	err := c.authorize(rt)
	if err == nil && r.URL.RawQuery != "" && !rt.asks {
		err = c.noQuery()
	}
	if err == nil {
		err = rt.serve(c)
	}
	if err != nil {
		a.fail(w, r, c.countFailedAuthentication(err))
	}
}

// authorize counts the request, and looks at where it comes from and who makes it, before anything else of it is read. It is counted
// before the database is asked for anything: what is over a limit costs none of that.
func (c *requestContext) authorize(rt *route) error {
	actor, err := c.identify(rt)
	if rt.crossOrigin {
		_, limited := errors.AsType[*limit.Exceeded](err)
		c.crossOrigin(limited)
	}
	c.varies()
	if err != nil || rt.uncounted {
		return err
	}
	if err := c.checkOrigin(rt); err != nil {
		return err
	}
	if rt.access == public {
		return nil
	}
	c.actor = actor
	if noting, ok := c.w.(*responseWriter); ok {
		noting.actor = actor
	}
	c.actor.Client = c.client.String()
	switch {
	case actor.Kind == booking.Staff && foreignPage(c.r):
		// A key that a page of another site can use is a key that the site's visitors can take.
		return booking.ErrForbidden
	case rt.access == anybody && actor.Kind == booking.TokenHolder:
		// Such a call needs no token. One that is nobody's is a mistake, which its sender would not notice otherwise.
		return booking.ErrUnauthenticated
	case rt.access == anybody || actor.Kind == booking.Staff:
		return nil
	case actor.Kind == booking.Public:
		return booking.ErrUnauthenticated
	case rt.access == staff:
		return booking.ErrForbidden
	}
	return nil
}

// identify says who makes the request, and counts it.
func (c *requestContext) identify(rt *route) (booking.Actor, error) {
	switch {
	case rt.uncounted:
		return booking.Actor{}, nil
	case isProbe(c.r):
		return c.Callers.Actor(c.r.Context(), c.r)
	case rt.access == public:
		return booking.Actor{}, c.countPublic()
	}
	return c.countCaller()
}

// pathParams are the names between braces in a route's path.
func pathParams(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}
