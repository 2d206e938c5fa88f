// Package httpapi is the JSON API over HTTP: it reads requests, says who calls, asks the desk, the catalogue or the live hub, and
// writes their answers. It decides nothing about bookings.
//
//	handler := httpapi.New(httpapi.Config{Desk: d, Catalogue: c, Hub: hub, ...}) // all of it
//	document, err := httpapi.Spec()                                           // the OpenAPI document of the same routes
//
// There is one file for each noun: venues.go, resources.go, services.go, bookings.go (and bookings_list.go), availability.go, live.go,
// events.go, webhooks.go, health.go; the JSON of a larger one stands in NOUN_json.go. What concerns every request is in server.go,
// route.go (who may call), request_*.go (reading one), response.go, problem.go and errors.go (failing), etag.go and cors.go; the
// numbers are in limits.go.
// Each file of a noun lists its routes, and a route says everything about a call at once: its address, its
// parameters, the Go types of its body and its answers, the errors it can end in, who may make it, and the function that serves it.
// The server and the OpenAPI document are both made of that list, with huma: it turns the Go types into schemas, keeps the document
// and mounts the calls on a [net/http.ServeMux].
//
// Bodies are read by the library that encoding/json/v2 comes from, strictly, and held against the schema for what must be given (see
// request_decode.go): a field that is unknown, missing, null, given twice or of the wrong type is refused by its name.
//
// Whatever goes wrong is answered as problem+json by [RFC 9457], and one table (see errors.go) says which error has which status and
// code. An error that is not in the table is "internal"; what it says goes to the log and to nobody else.
//
// The package imports desk, live and booking, and nothing of what stands behind them.
//
// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
package httpapi
