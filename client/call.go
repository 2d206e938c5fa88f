package client

import (
	"crypto/rand"
	"net/http"
	"strconv"
)

// CallOption changes a single call.
type CallOption func(*call)

// Token authorises the call with a booking's manage token instead of the client's key.
func Token(manageToken string) CallOption { return func(r *call) { r.token = manageToken } }

// IdempotencyKey replaces the random key of a POST. Use one of your own to be safe across restarts of your program: a repeat
// with the same key and the same body gets the first answer, and happens once. The server remembers keys for 24 hours. Without a token
// or key of the caller, it must have 16 characters or more, and be random: others who send the same one share the answer.
func IdempotencyKey(key string) CallOption { return func(r *call) { r.idempotencyKey = key } }

// IfMatch lets a PUT happen only if the thing still has the revision that was read. Otherwise it fails with
// [CodePreconditionFailed].
func IfMatch(revision uint64) CallOption {
	return condition("If-Match", `"`+strconv.FormatUint(revision, 10)+`"`)
}

// IfAbsent lets a PUT happen only if the thing does not exist yet. Otherwise it fails with [CodePreconditionFailed].
func IfAbsent() CallOption { return condition("If-None-Match", "*") }

// DryRun has the server decide a PUT or DELETE of the catalogue, and refuse it as it would, without changing anything.
func DryRun() CallOption { return func(r *call) { r.path += "?dry_run=true" } }

// IfNoneMatch makes [Client.Availability] return [ErrNotModified] if it still has the given ETag.
func IfNoneMatch(etag string) CallOption {
	return func(r *call) {
		if etag != "" {
			r.header.Set("If-None-Match", etag)
		}
	}
}

func condition(name, value string) CallOption {
	return func(r *call) {
		r.header.Set(name, value)
		r.conditional = r.method != http.MethodGet
	}
}

// call is one request to the API, which may be tried several times.
type call struct {
	method, path   string // the path as it goes on the wire, query included
	body           []byte // JSON, or nil
	header         http.Header
	token          string
	idempotencyKey string
	conditional    bool
}

func newCall(method, path string, options []CallOption) *call {
	r := &call{method: method, path: path, header: make(http.Header)}
	for _, option := range options {
		option(r)
	}
	if method == http.MethodPost && r.idempotencyKey == "" {
		r.idempotencyKey = rand.Text()
	}
	return r
}

// repeatable tells whether a second try is harmless when nobody knows what became of the first. A conditional write is not: the
// first try may have made the condition false.
func (r *call) repeatable() bool {
	switch r.method {
	case http.MethodGet, http.MethodPost: // each POST has an idempotency key
		return true
	case http.MethodPut:
		return !r.conditional
	default:
		return false
	}
}
