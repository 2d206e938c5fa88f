package httpapi

import (
	"context"
	"errors"
	"net/http"

	"vacancy/internal/booking"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/limit"
	"vacancy/internal/live"
)

// Errors that only a conversation over HTTP can end in.
var (
	errMalformed        = errors.New("the request cannot be read")
	errMethodNotAllowed = errors.New("this address does not take the method")
	errTooLarge         = errors.New("the body is too large")
	errURITooLong       = errors.New("the address is too long")
	errMediaType        = errors.New("the body is not JSON")
	errHeadersTooLarge  = errors.New("the headers are too large")
	errHTTPVersion      = errors.New("this version of HTTP is not spoken")
	errTransferEncoding = errors.New("this transfer encoding is not known")
	errExpectation      = errors.New("this expectation is not known")
	errTimeout          = errors.New("the body took too long to arrive")
)

// Errors of those who stand between the network and the API, and answer with [Fail].
var (
	ErrMisdirected = errors.New("the request is for another host")
	ErrPlainHTTP   = errors.New("the call came without TLS")
)

// meaning is one row of the error table: what an error means, and how the API says it.
type meaning struct {
	is     func(error) bool
	status int
	code   string
	title  string
	// detail is the sentence that a problem carries. If it is empty the error's own text is: those texts are written for callers.
	detail string
	// retryAfter is after how many seconds another try makes sense; 0: it does not.
	retryAfter int
}

// meanings is the one table from errors to statuses and codes. The first row that matches counts. The codes are part of the API: they
// are never renamed.
var meanings = []meaning{
	{
		is(booking.ErrNotFound), http.StatusNotFound, "not_found", "Not found",
		"There is nothing at this address, or it is out of use.", 0,
	},
	{
		is(errMethodNotAllowed), http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed",
		"This address does not take the method. The Allow header names those that it takes.", 0,
	},

	{
		is(ErrMisdirected), http.StatusMisdirectedRequest, "misdirected", "Another host",
		"This server does not answer to the host that the request names.", 0,
	},
	{
		is(ErrPlainHTTP), http.StatusForbidden, "https_required", "HTTPS is required",
		"Calls are answered over HTTPS only. If this one carried a key or a token, somebody may have read it: replace it.", 0,
	},

	{is(live.ErrRangeTooLong), http.StatusUnprocessableEntity, "range_too_long", "The range is too long", "", 0},
	{as[*booking.Invalid], http.StatusUnprocessableEntity, "invalid", "Some fields are not valid", "", 0},
	{is(errMalformed), http.StatusBadRequest, "malformed", "The request cannot be read", "", 0},
	{is(errMediaType), http.StatusUnsupportedMediaType, "unsupported_media_type", "The body is not JSON", "", 0},
	{
		is(errTooLarge), http.StatusRequestEntityTooLarge, "too_large", "The body is too large",
		"A body may have at most 65536 bytes.", 0,
	},
	{
		is(errURITooLong), http.StatusRequestURITooLong, "uri_too_long", "The address is too long",
		"An address may have at most 8192 bytes, its query included.", 0,
	},
	{
		is(errHeadersTooLarge), http.StatusRequestHeaderFieldsTooLarge, "headers_too_large", "The headers are too large",
		"The headers of a request may have at most 32768 bytes together.", 0,
	},
	{
		is(errHTTPVersion), http.StatusHTTPVersionNotSupported, "http_version", "This version of HTTP is not spoken",
		"Use HTTP/1.1 or HTTP/2.", 0,
	},
	{
		is(errTransferEncoding), http.StatusNotImplemented, "transfer_encoding", "This transfer encoding is not known",
		"Send the body with a Content-Length, or chunked.", 0,
	},
	{
		is(errExpectation), http.StatusExpectationFailed, "expectation_failed", "This expectation is not known",
		"An Expect header can only be 100-continue.", 0,
	},
	{
		is(errTimeout), http.StatusRequestTimeout, "timeout", "The body took too long",
		"The body did not arrive in time.", 0,
	},

	{as[*limit.Exceeded], http.StatusTooManyRequests, "too_many", "Too many requests", "", concurrencyRetryAfter},

	{
		is(booking.ErrUnauthenticated), http.StatusUnauthorized, "unauthenticated", "A token is needed",
		"Send a management key, or the booking's manage token, as Authorization: Bearer ...", 0,
	},
	{
		is(booking.ErrForbidden), http.StatusForbidden, "forbidden", "Not allowed",
		"The token that was sent does not allow this.", 0,
	},

	{
		is(booking.ErrNotASlot), http.StatusUnprocessableEntity, "not_a_slot", "No slot starts then",
		"The service has no slot that starts at this time.", 0,
	},
	{
		is(booking.ErrTooSoon), http.StatusConflict, "too_soon", "Too soon",
		"The start is past, or nearer than the service's minimum notice.", 0,
	},
	{
		is(booking.ErrBeyondHorizon), http.StatusConflict, "beyond_horizon", "Not open for booking yet",
		"The start is later than the service can be booked now.", 0,
	},
	{
		is(booking.ErrSlotUnavailable), http.StatusConflict, "slot_unavailable", "Not enough room",
		"Not enough room is left at this start.", 0,
	},
	{ // Never for want of room: what is shown free can still be booked.
		is(booking.ErrHoldsLimited), http.StatusTooManyRequests, "holds_limited", "Too many holds",
		"Little is left on this day, and holds are limited then. Book at once, with the customer's contact, or try again later.",
		placesRetryAfter,
	},
	{
		is(booking.ErrBookingsLimited), http.StatusTooManyRequests, "bookings_limited", "Too many bookings from one client",
		"Little is left on this day, and many bookings came from this address already. Try again later, or ask the venue.",
		placesRetryAfter,
	},
	{
		is(booking.ErrContactLimited), http.StatusConflict, "contact_limited", "Too many bookings of one contact",
		"This email address or phone number has as many bookings at this venue as it may have. Cancel one, or ask the venue.", 0,
	},
	{
		is(booking.ErrHoldExpired), http.StatusConflict, "hold_expired", "The hold has expired",
		"The hold ran out before it was confirmed or extended. Its place is free for others.", 0,
	},
	{is(booking.ErrWrongStatus), http.StatusConflict, "wrong_status", "Not in this status", "", 0},
	{as[*booking.InUse], http.StatusConflict, "in_use", "It is in use", "", 0},
	{
		is(booking.ErrPrecondition), http.StatusPreconditionFailed, "precondition_failed", "It has changed meanwhile",
		"The If-Match or If-None-Match condition does not hold. Read it again, and decide again.", 0,
	},
	{
		is(webhook.ErrNotKept), http.StatusConflict, "event_not_kept", "The event is not kept any more",
		"The event is too large for the log to have kept it. Read its subject with GET.", 0,
	},
	{
		is(booking.ErrIdempotencyMismatch), http.StatusUnprocessableEntity, "idempotency_mismatch", "The key was used before",
		"This Idempotency-Key was used for another request.", 0,
	},

	{
		is(booking.ErrNodesBehind), http.StatusConflict, "nodes_behind", "A server is too old for this",
		"A server that is running does not know what this needs. Try again when all run the new version.", 0,
	},
	{
		is(booking.ErrNeedsNewer), http.StatusServiceUnavailable, "needs_newer", "This server is too old for the venue",
		"The venue's settings need a newer version than this server has. Another server of the installation can do it.", 2,
	},

	{ // Before the others of 503: what lost the outcome may be one of them.
		is(booking.ErrOutcomeUnknown), http.StatusServiceUnavailable, "outcome_unknown", "The outcome is unknown",
		"It is not known whether this was done. Repeat it with the same Idempotency-Key, or look before you try again.", 2,
	},
	{
		is(booking.ErrBusy), http.StatusServiceUnavailable, "busy", "Busy",
		"Too many requests wait at the moment. Nothing was done; try again shortly.", 1,
	},
	{
		is(booking.ErrUnavailable, context.Canceled, context.DeadlineExceeded), http.StatusServiceUnavailable, "unavailable", "Unavailable",
		"The service cannot do this at the moment. Try again shortly, with the same Idempotency-Key if there was one.", 2,
	},
}

// internal is the meaning of every error that is in no row: a fault of ours.
var internal = meaning{
	status: http.StatusInternalServerError, code: "internal", title: "Internal error",
	detail: "Something went wrong on our side. The request_id finds it in the server's log.",
}

// meaningOf finds an error's row.
func meaningOf(err error) meaning {
	for _, m := range meanings {
		if m.is(err) {
			return m
		}
	}
	return internal
}

// explain is the sentence about an error of this meaning that a caller may read.
func (m meaning) explain(err error) string {
	if requestError, ok := errors.AsType[*requestError](err); ok {
		return requestError.detail
	}
	if m.detail != "" {
		return m.detail
	}
	if invalid, ok := errors.AsType[*booking.Invalid](err); ok {
		return invalid.Error()
	}
	return err.Error()
}

// Explain gives the code of an error and a sentence about it, for answers that are no HTTP.
func Explain(err error) (code, detail string) {
	m := meaningOf(err)
	return m.code, m.explain(err)
}

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// requestError is something wrong with a request that the API itself saw, in its own words. Reason is an error of the table.
type requestError struct {
	reason error
	detail string
	fields []booking.FieldError
}

func (e *requestError) Error() string { return e.detail }
func (e *requestError) Unwrap() error { return e.reason }

// malformed names the part of the request that cannot be read.
func malformed(field, message string) error { return fieldProblem(errMalformed, field, message) }

// fieldProblem names the field that is wrong, and what that means.
func fieldProblem(reason error, field, message string) error {
	return &requestError{
		reason: reason, detail: field + ": " + message, fields: []booking.FieldError{{Field: field, Message: message}},
	}
}

// errForeignPage: no pages of other origins may make the call, whatever a venue lists.
var errForeignPage = &requestError{
	reason: booking.ErrForbidden,
	detail: "Pages of other origins cannot make this call. If the page is the server's own, a proxy in between must pass on the Host header.",
}

// errOrigin: the venue does not let pages of the request's origin call the API.
var errOrigin = &requestError{
	reason: booking.ErrForbidden,
	detail: "The venue does not list this origin among its allowed_origins. If the page is the server's own, a proxy in between must " +
		"pass on the Host header.",
}
