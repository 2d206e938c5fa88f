package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
	"vacancy/internal/live/wire"
)

// Problem is what every request that fails is answered with, as RFC 9457 has it.
type Problem struct {
	Type   string `json:"type" format:"uri-reference" doc:"Identifies the kind of problem: /problems/ and the code." example:"/problems/slot_unavailable"`
	Title  string `json:"title" doc:"The kind of problem in a few words." example:"Not enough room"`
	Status int    `json:"status" doc:"The HTTP status." example:"409"`
	Detail string `json:"detail" doc:"A sentence for people." example:"Not enough room is left at this start."`
	Code   string `json:"code" doc:"The kind of problem for programs. Codes are never renamed." example:"slot_unavailable"`
	// RequestID finds the request in the server's log.
	RequestID string       `json:"request_id" doc:"Finds the request in the server's log; also in the X-Request-Id header."`
	Errors    []FieldError `json:"errors,omitempty" nullable:"false" doc:"What is wrong, field by field."`

	Reason  booking.NotASlotReason `json:"reason,omitempty" enum:"off_grid,closed,past_closing,skipped_time" doc:"Why no slot starts then. off_grid: the starts are at other times. closed: nothing that the service needs is open. past_closing: a booking would end after the closing. skipped_time: the venue's clock is put forward over the time that was given." example:"off_grid"`
	Nearest []string               `json:"nearest,omitempty" nullable:"false" format:"date-time" doc:"The starts just before and just after the one asked for, if they are near. They may be taken."`

	Alternatives []Alternative `json:"alternatives,omitzero" nullable:"false" doc:"Slots that the party could book instead: the nearest in time first, at most five."`
	Waitlist     *Waitlist     `json:"waitlist,omitempty" doc:"Whether one can wait for this start."`
	Support      *Contact      `json:"support,omitempty" doc:"How to speak to somebody."`

	Bookings []booking.BookingID `json:"bookings,omitempty" nullable:"false" doc:"The bookings in the way, at most 20."`
	More     bool                `json:"more,omitempty" doc:"Others than those listed are in the way besides."`
	Services []booking.ServiceID `json:"services,omitempty" nullable:"false" doc:"The services in the way: they require it."`
}

// FieldError says what is wrong with one field.
type FieldError struct {
	Field   string `json:"field" doc:"The field's path in the body, or the name of the parameter or header." example:"hours.mon[1]"`
	Message string `json:"message" doc:"What is wrong with it." example:"overlaps 09:00-12:00"`
}

// Alternative is a slot offered in place of another.
type Alternative struct {
	wire.Slot
	Resource booking.ResourceID `json:"resource,omitempty" doc:"The resource that the slot is free with, if the choice of one matters."`
}

// Waitlist tells whether one can wait for a start.
type Waitlist struct {
	Open bool `json:"open"`
}

// Fail answers a request with an error as the API does. Handlers that are mounted into the API use it.
func Fail(log *slog.Logger) func(w http.ResponseWriter, r *http.Request, err error) {
	return (&failures{log: log}).answer
}

// failures answers requests that fail, and logs what their callers are not told.
type failures struct {
	log *slog.Logger
	// warned is the Unix time of the last line about an outage, and tooOld that of the last about a venue that needs a newer version.
	warned, tooOld atomic.Int64
}

// note logs a fault of ours, and what an outage is about. In an outage every request fails: one line a second says as much.
func (f *failures) note(r *http.Request, m meaning, id string, err error) {
	about := []slog.Attr{slog.String("request_id", id), slog.String("route", r.Pattern), slog.Any("error", err)}
	if trace := traceOf(r); trace.traceID != "" {
		about = append(about, slog.String("trace_id", trace.traceID))
	}
	switch now := time.Now().Unix(); {
	case m.status == http.StatusInternalServerError:
		f.log.LogAttrs(r.Context(), slog.LevelError, "a request failed", about...)
	case m.status != http.StatusServiceUnavailable || errors.Is(err, booking.ErrBusy) || r.Context().Err() != nil:
	case errors.Is(err, booking.ErrNeedsNewer): // the error names the venue
		if last := f.tooOld.Load(); now-last >= tooOldNoticeEvery && f.tooOld.CompareAndSwap(last, now) {
			f.log.LogAttrs(r.Context(), slog.LevelWarn,
				"this server is too old for a venue: upgrade it, other servers write for the venue meanwhile", about...)
		}
	case f.warned.Swap(now) != now:
		f.log.LogAttrs(r.Context(), slog.LevelWarn, "requests are turned away", about...)
	}
}

// answer writes the problem that an error means.
func (f *failures) answer(w http.ResponseWriter, r *http.Request, err error) {
	m := meaningOf(err)
	id := w.Header().Get(requestIDHeader)
	if id == "" { // the request was refused before it reached the API
		id = requestID(r)
		w.Header()[requestIDHeader] = []string{id}
	}
	f.note(r, m, id, err)
	h := w.Header()
	h["Content-Type"] = contentProblem
	h["Cache-Control"] = noStore
	h.Del("Etag")
	if m.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(m.retryAfter))
	}
	if exceeded, ok := errors.AsType[*limit.Exceeded](err); ok {
		setRateLimit(h, exceeded)
	}
	if m.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="vacancy"`)
	}
	if noting, ok := w.(*responseWriter); ok {
		noting.problem = m.code
	}
	writeJSON(w, m.status, problemOf(m, err, id))
}

func problemOf(m meaning, err error, requestID string) Problem {
	p := Problem{
		Type: "/problems/" + m.code, Title: m.title, Status: m.status, Detail: m.explain(err), Code: m.code, RequestID: requestID,
	}
	if requestError, ok := errors.AsType[*requestError](err); ok {
		p.Errors = fieldErrors(requestError.fields)
	} else if invalid, ok := errors.AsType[*booking.Invalid](err); ok {
		p.Errors = fieldErrors(invalid.Fields)
	}
	if refused, ok := errors.AsType[*booking.Refused](err); ok {
		p.Alternatives = make([]Alternative, len(refused.Alternatives))
		for i, a := range refused.Alternatives {
			p.Alternatives[i] = Alternative{Slot: wire.SlotOf(a.Slot), Resource: a.Resource}
		}
		p.Waitlist = &Waitlist{}
		p.Support = &Contact{Email: refused.Contact.Email, Phone: refused.Contact.Phone}
	}
	if notASlot, ok := errors.AsType[*booking.NotASlot](err); ok {
		p.Detail, p.Reason = sentence(notASlot.Error()), notASlot.Reason
		for _, start := range notASlot.Nearest {
			p.Nearest = append(p.Nearest, start.Format(time.RFC3339))
		}
	}
	if missing, ok := errors.AsType[*booking.Missing](err); ok {
		p.Detail, p.Errors = missing.Error(), fieldErrors([]booking.FieldError{missing.FieldError})
	}
	if inUse, ok := errors.AsType[*booking.InUse](err); ok {
		addInUse(&p, inUse)
	}
	return p
}

// addInUse says what stands in the way of an edit of the catalogue, and which setting cannot change for it.
func addInUse(p *Problem, inUse *booking.InUse) {
	p.Bookings, p.More, p.Services = inUse.Bookings, inUse.More, inUse.Services
	if len(inUse.Services) > 0 {
		p.Detail = sentence(inUse.Error()) + " Archive them first, or have them require something else."
	} else {
		p.Detail = sentence(inUse.Error()) + " Cancel them first, or wait until they are over."
	}
	if inUse.Field != "" {
		p.Errors = []FieldError{{inUse.Field, "cannot change to this: " + inUse.Error()}}
	}
}

// sentence is a text with a capital and a full stop.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

func fieldErrors(fields []booking.FieldError) []FieldError {
	errs := make([]FieldError, len(fields))
	for i, f := range fields {
		errs[i] = FieldError(f)
	}
	return errs
}

// printable is a text that somebody sent, fit to be repeated to them.
func printable(text string) string {
	if len(text) > maxEchoBytes {
		text = text[:maxEchoBytes] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}
