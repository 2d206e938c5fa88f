package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Problem is a refusal of the server, as RFC 9457 has it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Code says what it is about, in a word that does not change: one of the Code constants.
	Code string `json:"code"`
	// RequestID finds the request in the server's log.
	RequestID string `json:"request_id"`
	// Errors name the fields that are wrong.
	Errors []FieldError `json:"errors"`
	// Reason says why no slot starts then, for [CodeNotASlot]: one of the Reason constants. Nearest are the starts just before and after.
	Reason  string      `json:"reason"`
	Nearest []time.Time `json:"nearest"`
	// Alternatives are other slots, nearest in time first, where one was refused.
	Alternatives []Alternative `json:"alternatives"`
	Waitlist     Waitlist      `json:"waitlist"`
	// Support is how to speak to somebody at the venue.
	Support Contact `json:"support"`
	// Bookings stand in the way of a change of the catalogue; More says that there are others besides.
	Bookings []string `json:"bookings"`
	More     bool     `json:"more"`
	// Services require the resource that was to be archived.
	Services []string `json:"services"`
	// RetryAfter is how long the server asks to wait; zero if it does not say.
	RetryAfter time.Duration `json:"-"`
}

// FieldError says what is wrong with one field, such as "party_size.max" or "hours.mon[1]".
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Alternative is a slot offered in place of a refused one.
type Alternative struct {
	Slot
	// Resource is set if the slot is free with this resource only.
	Resource string `json:"resource"`
}

// Waitlist tells whether a customer can wait for the refused slot.
type Waitlist struct {
	Open bool `json:"open"`
}

// Codes of problems.
const (
	CodeNotFound            = "not_found"
	CodeMethodNotAllowed    = "method_not_allowed"
	CodeMalformed           = "malformed"
	CodeInvalid             = "invalid"
	CodeRangeTooLong        = "range_too_long"
	CodeNotASlot            = "not_a_slot"
	CodeTooSoon             = "too_soon"
	CodeBeyondHorizon       = "beyond_horizon"
	CodeSlotUnavailable     = "slot_unavailable"
	CodeHoldExpired         = "hold_expired"
	CodeWrongStatus         = "wrong_status"
	CodeInUse               = "in_use"
	CodeUnauthenticated     = "unauthenticated"
	CodeForbidden           = "forbidden"
	CodePreconditionFailed  = "precondition_failed"
	CodeIdempotencyMismatch = "idempotency_mismatch"
	CodeTooLarge            = "too_large"
	CodeURITooLong          = "uri_too_long"
	CodeTimeout             = "timeout"
	CodeUnsupportedMedia    = "unsupported_media_type"
	CodeBusy                = "busy"
	CodeUnavailable         = "unavailable"
	CodeOutcomeUnknown      = "outcome_unknown"
	CodeInternal            = "internal"
)

// Reasons of [CodeNotASlot].
const (
	ReasonOffGrid     = "off_grid"
	ReasonClosed      = "closed"
	ReasonPastClosing = "past_closing"
	ReasonSkippedTime = "skipped_time"
)

// ErrNotModified is what a call with [IfNoneMatch] returns if nothing has changed.
var ErrNotModified = errors.New("not modified")

// Error is one sentence: what was refused, and which fields are wrong.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Title)
	if p.Detail != "" && p.Detail != p.Title {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(p.Detail)
	}
	for i, e := range p.Errors {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		fmt.Fprintf(&b, "%s%s %s", separator, e.Field, e.Message)
	}
	if p.Status == 0 { // an error of a subscription comes without one
		return b.String() + " (" + p.Code + ")"
	}
	fmt.Fprintf(&b, " (%d %s)", p.Status, p.Code)
	return b.String()
}

// IsCode tells whether err is a [*Problem] with the code.
func IsCode(err error, code string) bool {
	problem, ok := errors.AsType[*Problem](err)
	return ok && problem.Code == code
}

// newProblem reads a refusal. What stands between client and server may answer in a form of its own; the status says enough then.
func newProblem(response *http.Response, body []byte) *Problem {
	p := new(Problem)
	if json.Unmarshal(body, p) != nil || p.Code == "" {
		p = &Problem{Title: http.StatusText(response.StatusCode), Code: codeOf(response.StatusCode)}
	}
	p.Status = response.StatusCode
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}

// codeOf is the nearest code for a status that came without one.
func codeOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return CodeNotFound
	case http.StatusUnauthorized:
		return CodeUnauthenticated
	case http.StatusForbidden:
		return CodeForbidden
	case http.StatusTooManyRequests:
		return CodeBusy
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return CodeUnavailable
	}
	if status >= http.StatusInternalServerError {
		return CodeInternal
	}
	return CodeMalformed
}
