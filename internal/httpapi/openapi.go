package httpapi

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Version is the API's, as its OpenAPI document tells it.
const Version = "0.1.0"

// The chapters of the document.
const (
	tagAvailability = "Availability"
	tagBookings     = "Bookings"
	tagCatalogue    = "Catalogue"
	tagEvents       = "Events"
	tagOperation    = "Operation"
)

const about = `Availability that is live, and bookings that cannot be doubled.

A **venue** has **resources** (people, rooms, boats) and **services** that customers book. Availability lists the **slots** of a
service; a **booking** takes one, at once or through a **hold** that is confirmed in time. Catalogue and availability are public.
A booking is managed with the token that came with it, and the catalogue with a management key, both sent as
` + "`Authorization: Bearer ...`" + `.

Every failure is a problem of RFC 9457 with a stable ` + "`code`" + `. Fields that are unknown or wrong are named in ` + "`errors`" + `.
Starts are given with the venue's offset, and taken with any.`

// newHuma is the keeper of the document and of the schemas. It serves nothing by itself.
func newHuma(mux *http.ServeMux) huma.API {
	return humago.New(mux, huma.Config{OpenAPI: &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Vacancy", Version: Version, Description: about,
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Tags: []*huma.Tag{
			{Name: tagAvailability, Description: "What can be booked, now and live."},
			{Name: tagBookings, Description: "Taking a slot, and what becomes of it."},
			{Name: tagCatalogue, Description: "Venues, their resources and their services."},
			{Name: tagEvents, Description: "What changes, for other systems; docs/events.md has the rules."},
			{Name: tagOperation, Description: "For whoever runs the server."},
		},
		Components: &huma.Components{
			Schemas:    huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			Parameters: parameters(),
			Headers:    responseHeaders(),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"key":   {Type: "http", Scheme: "bearer", Description: "A management key."},
				"token": {Type: "http", Scheme: "bearer", Description: "The manage token of the booking."},
			},
		},
	}})
}

// operation describes a route.
func (a *api) operation(rt *route) *huma.Operation {
	op := &huma.Operation{
		Method: rt.method, Path: rt.path, OperationID: rt.id, Tags: []string{rt.tag},
		Summary: rt.summary, Description: rt.description, Security: rt.access.security(),
		Responses: make(map[string]*huma.Response),
	}
	for _, name := range pathParams(rt.path) {
		if name == "resource" {
			name = "resource-path"
		}
		op.Parameters = append(op.Parameters, refParam(name))
	}
	for _, name := range rt.params {
		op.Parameters = append(op.Parameters, refParam(name))
	}
	if rt.body != nil {
		op.RequestBody = &huma.RequestBody{Required: !rt.optional, Content: a.content("application/json", rt.body)}
	}
	for _, answer := range rt.successes {
		response, status := a.success(answer), strconv.Itoa(answer.status)
		if other := op.Responses[status]; other != nil { // the same in another form
			other.Description += "\n" + response.Description
			maps.Copy(other.Content, response.Content)
			continue
		}
		op.Responses[status] = response
	}
	a.failures(rt, op.Responses)
	return op
}

func refParam(name string) *huma.Param { return &huma.Param{Ref: "#/components/parameters/" + name} }

// security says which tokens a call takes; an empty one says that it can be made without.
func (access access) security() []map[string][]string {
	none, token, key := map[string][]string{}, map[string][]string{"token": {}}, map[string][]string{"key": {}}
	switch access {
	case staff:
		return []map[string][]string{key}
	case bookingOwn:
		return []map[string][]string{token, key}
	case anybody:
		return []map[string][]string{none, key}
	default:
		return []map[string][]string{}
	}
}

func (a *api) content(media string, t reflect.Type) map[string]*huma.MediaType {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(t, true, "")
	return map[string]*huma.MediaType{media: {Schema: schema}}
}

func (a *api) success(answer success) *huma.Response {
	response := &huma.Response{Description: answer.description, Headers: headers(append(answer.headers, requestIDHeader))}
	if answer.body != nil {
		media := answer.media
		if media == "" {
			media = "application/json"
		}
		response.Content = a.content(media, reflect.TypeOf(answer.body))
	}
	return response
}

// failures describes the problems that a route can end in, those of every route among them.
func (a *api) failures(rt *route, responses map[string]*huma.Response) {
	codes := append(slices.Clone(rt.errors), "internal")
	if rt.path != "/healthz" && rt.path != "/readyz" {
		codes = append(codes, "uri_too_long", "unavailable")
	}
	if !rt.uncounted {
		codes = append(codes, "too_many")
	}
	if rt.method != http.MethodGet {
		codes = append(codes, "busy", "outcome_unknown", "forbidden", "needs_newer")
	}
	if rt.access == staff || rt.access == bookingOwn {
		codes = append(codes, "unauthenticated", "forbidden")
	}
	if rt.access == anybody {
		codes = append(codes, "unauthenticated")
	}
	if len(rt.params) > 0 || rt.body != nil {
		codes = append(codes, "malformed", "invalid")
	}
	if rt.body != nil {
		codes = append(codes, "unsupported_media_type", "too_large", "timeout")
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		a.failure(rowOf(code), responses)
	}
}

// failure adds one problem to the answers of its status.
func (a *api) failure(m meaning, responses map[string]*huma.Response) {
	status := strconv.Itoa(m.status)
	line := "- `" + m.code + "`: " + strings.TrimSuffix(m.title, ".") + "."
	if response := responses[status]; response != nil {
		response.Description += "\n" + line
		return
	}
	names := []string{requestIDHeader}
	if m.retryAfter > 0 {
		names = append(names, "Retry-After")
	}
	if m.status == http.StatusTooManyRequests {
		names = append(names, "RateLimit", "RateLimit-Policy")
	}
	if m.status == http.StatusUnauthorized {
		names = append(names, "WWW-Authenticate")
	}
	responses[status] = &huma.Response{
		Description: line, Headers: headers(names), Content: a.content("application/problem+json", reflect.TypeFor[Problem]()),
	}
}

func headers(names []string) map[string]*huma.Header {
	refs := make(map[string]*huma.Header, len(names))
	for _, name := range names {
		refs[name] = &huma.Header{Ref: "#/components/headers/" + name}
	}
	return refs
}

// rowOf is the row of a code. It panics on a code that is none: routes are set up before anything is served.
func rowOf(code string) meaning {
	if code == internal.code {
		return internal
	}
	i := slices.IndexFunc(meanings, func(m meaning) bool { return m.code == code })
	if i < 0 {
		panic("no error has the code " + code) // while routes are set up; tests make them all
	}
	return meanings[i]
}
