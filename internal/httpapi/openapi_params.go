package httpapi

import (
	"maps"

	"github.com/danielgtaylor/huma/v2"

	"vacancy/internal/feed"
)

// Each parameter and header is described once, under a name of its own, and routes refer to it by that name.

const idPattern = "^[a-z0-9][a-z0-9_-]{0,63}$"

func idParam(name, description, example string) *huma.Param {
	return &huma.Param{
		Name: name, In: "path", Required: true, Description: description, Example: example,
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: idPattern},
	}
}

func queryParam(name, description string, example any, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: description, Example: example, Schema: schema}
}

func headerParam(name, description string, example any) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: description, Example: example, Schema: stringSchema()}
}

func stringSchema() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }

func dateSchema() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "date"} }

func required(p *huma.Param) *huma.Param {
	p.Required = true
	return p
}

func integerSchema(least, most, absent int) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeInteger, Minimum: new(float64(least)), Maximum: new(float64(most)), Default: absent,
	}
}

func parameters() map[string]*huma.Param {
	params := map[string]*huma.Param{
		"venue":    idParam("venue", "The venue's id.", "fade-house"),
		"resource": queryParam("resource", "A resource that the customer chose. Left out, any that serves.", "mia", stringSchema()),
		"service":  idParam("service", "The service's id.", "haircut"),
		"booking":  idParam("booking", "The booking's id.", "bk_06b3qk6w8r9v1zj5n0a7yd2mfc"),

		"webhook":  idParam("webhook", "The webhook's id.", "till"),
		"delivery": {Name: "delivery", In: "path", Required: true, Description: "The delivery's id.", Example: "1842", Schema: stringSchema()},

		"resource-path": idParam("resource", "The resource's id.", "mia"),

		"venue-watched":   queryParam("venue", "The venue's id.", "fade-house", stringSchema()),
		"service-watched": queryParam("service", "The service's id.", "haircut", stringSchema()),
		"position": queryParam("position", "Where the reader is: the position of the last answer or event it has. Last-Event-ID comes first.",
			"k3x9.1c.0", stringSchema()),

		"from": required(queryParam("from", "The first day, on the venue's calendar.", "2026-11-24", dateSchema())),
		"to":   required(queryParam("to", "The last day, included.", "2026-11-30", dateSchema())),
		"first-date": queryParam("from",
			"Only bookings that overlap the days from this one on, on the venue's calendar: what began before and still goes on, too.",
			"2026-11-24", dateSchema()),
		"last-date": queryParam("to",
			"Only bookings that overlap the days up to this one, which is included: what starts on it or earlier.", "2026-11-30", dateSchema()),
		"party_size": queryParam("party_size", "How many people it is for.", 2, integerSchema(1, 10_000, 1)),
		"detail": queryParam("detail", "days: leave out the slots.", "days",
			&huma.Schema{Type: huma.TypeString, Enum: []any{"days"}}),
		"at_least": queryParam("at_least", "Answer from this position on or a later one: to read back what was just written.",
			"k3x9.1c.0", stringSchema()),

		"dry_run": queryParam("dry_run", "true: say what the call would answer, refusals included, and change nothing.", true,
			&huma.Schema{Type: huma.TypeBoolean}),
		"status": queryParam("status", "Only bookings of these statuses, with commas between them.", "held,confirmed", stringSchema()),
		"cursor": queryParam("cursor", "From the Link header of the page before. Opaque.", nil, stringSchema()),
		"after": queryParam("after", "The cursor of the page before. Left out, the feed begins now. In a stream, Last-Event-ID comes first.",
			"My1rMgoxNQpiCjIwMjYtMTEtMjQgRXVyb3BlL0Jlcmxpbg", stringSchema()),
		"events-limit": queryParam("limit", "About the most events of a page: those of one change come together.", 100,
			integerSchema(1, maxEventsPage, feed.DefaultPage)),
		"wait": queryParam("wait", "For how many seconds the answer may wait for an event. A stream waits anyway.", 30,
			integerSchema(0, maxEventsWait, 0)),
		"limit": queryParam("limit", "The most that a page holds.", 50, integerSchema(1, maxBookingsPage, defaultBookingsPage)),
	}
	maps.Copy(params, requestHeaders())
	return params
}

func requestHeaders() map[string]*huma.Param {
	return map[string]*huma.Param{
		"If-None-Match": headerParam("If-None-Match", "The ETag of the answer that the caller has; 304 if nothing has changed since.", `"12"`),
		"If-None-Match-Any": headerParam("If-None-Match", "*: create only. 412 if it is there already.",
			"*"),
		"If-Match": headerParam("If-Match", "The ETag that was read; 412 if it has changed since. *: replace only.", `"12"`),
		"Idempotency-Key": headerParam("Idempotency-Key",
			"A random text of the caller's, such as a UUID. A repeat of the request under the same key does nothing and gets the same answer, "+
				"for 24 hours; another request under it is refused. A key belongs to the venue, the call and the token that was sent. Callers "+
				"without a token share one space: whoever sends the same key and the same request gets the same booking, so their keys must be "+
				"random, and have 16 characters or more.", "0c5e6dd2-6a5b-4c0f-9d0c-7c2f5e1c1f0a"),
		"webhook-id": required(headerParam("webhook-id", "The event's id: the same for each repeat.", "fade-house/3-k2/41/0")),
		"webhook-timestamp": required(headerParam("webhook-timestamp",
			"When the attempt was made, in Unix seconds. Refuse what is more than five minutes off.", "1795507200")),
		"webhook-signature": required(headerParam("webhook-signature", "One signature or two, with a blank between: by the secret, and by the "+
			"one before while that is valid.", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")),
		"Vacancy-Attempt": headerParam("Vacancy-Attempt", "Which attempt this is, from 1.", "1"),
		"Vacancy-Late":    headerParam("Vacancy-Late", "true: an earlier attempt failed, and later events may have arrived before.", "true"),
		"Last-Event-ID":   headerParam("Last-Event-ID", "The id of the last event; browsers send it when they connect again.", "k3x9.1c.0"),
	}
}

func responseHeaders() map[string]*huma.Header {
	header := func(description string, example any) *huma.Header {
		return &huma.Header{Description: description, Example: example, Schema: stringSchema()}
	}
	return map[string]*huma.Header{
		"ETag":        header("For If-None-Match, and for If-Match if it is strong.", `"12"`),
		"Link":        header(`The next page, as <...>; rel="next". Without it, this is the last.`, `</v1/venues?cursor=eg>; rel="next"`),
		"Location":    header("The address of what was created.", "/v1/venues/fade-house/bookings/bk_06b3qk6w8r9v1zj5n0a7yd2mfc"),
		"Allow":       header("The methods that the address takes.", "GET, PUT"),
		"Retry-After": header("After how many seconds another try makes sense.", "1"),
		"RateLimit": header("The limit that was exceeded: r is what is left, t is after how many seconds there is more.",
			`"requests";r=0;t=1`),
		"RateLimit-Policy": header("Its size for one client: q at once, as many again within w seconds.", `"requests";q=1000;w=10`),
		"WWW-Authenticate": header("The kind of token that is needed.", "Bearer"),
		"X-Request-Id":     header("Finds the request in the server's log. A caller may send its own.", "01J8ZK3V"),
	}
}
