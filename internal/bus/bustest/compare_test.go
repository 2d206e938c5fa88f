package bustest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/bus"
)

// modes are harnesses that differ in how an event is a message.
var modes = map[string]Harness{
	"structured": {Address: func(e *bus.Event) string { return "s." + string(e.Venue) }},
	"binary": {
		Address: func(e *bus.Event) string { return string(e.Venue) }, AttributePrefix: "ce_",
		Headers: func(e *bus.Event) map[string]string { return map[string]string{"extra": e.ID} },
	},
}

// asSent are the messages of events that arrive as they should.
func asSent(t *testing.T, h Harness, events []bus.Event) []Message {
	t.Helper()
	messages := make([]Message, len(events))
	for i := range events {
		headers, body, err := h.wire(&events[i])
		if err != nil {
			t.Fatal(err)
		}
		messages[i] = Message{Address: h.Address(&events[i]), Headers: headers, Body: body}
	}
	return messages
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for mode, h := range modes {
		sent := Events("yoga", 0, 6)
		all := asSent(t, h, sent)
		strange := asSent(t, h, Events("yoga", 6, 1))[0]
		for name, c := range map[string]struct {
			got     []Message
			fault   string // part of the only one; empty if there is none
			missing int
		}{
			"all":                          {got: all},
			"more than confirmed":          {got: all[:5]},
			"repeats":                      {got: slices.Concat(all[:3], all[1:2], all[:2], all[3:], all)},
			"a batch again from the start": {got: slices.Concat(all[:1], all)},
			"one is missing":               {got: slices.Concat(all[:1], all[2:]), missing: 1},
			"nothing":                      {missing: 4},
			"out of order": {
				got: slices.Concat(all[:1], all[2:3], all[1:2], all[3:]), fault: "message 2 is the first occurrence of event 1",
			},
			"never sent": {got: slices.Concat(all, []Message{strange}), fault: "message 6, of "},
			"no event":   {got: slices.Concat(all, []Message{{Address: "x", Body: []byte("x")}}), fault: `of "x", was never sent`},
		} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				faults, missing := h.compare(sent, 4, c.got)
				if missing != c.missing || (c.fault == "") != (len(faults) == 0) || !strings.Contains(strings.Join(faults, "\n"), c.fault) {
					t.Errorf("%d missing, faults %q, want %d and %q", missing, faults, c.missing, c.fault)
				}
			})
		}
	}
}

// TestDifferences: each part of a message counts.
func TestDifferences(t *testing.T) {
	t.Parallel()
	for mode, h := range modes {
		e := Event("yoga", 0)
		good := asSent(t, h, []bus.Event{e})[0]
		if got := h.differences(&e, good); len(got) > 0 {
			t.Errorf("%s: a message as it should be has %q", mode, got)
		}
		changed := []Message{
			{Address: good.Address + "x", Headers: good.Headers, Body: good.Body},
			{Address: good.Address, Headers: good.Headers, Body: append(slices.Clone(good.Body), ' ')},
		}
		for name := range good.Headers {
			headers := map[string]string{}
			for other, value := range good.Headers {
				if other != name {
					headers[other] = value
				}
			}
			changed = append(changed, Message{Address: good.Address, Headers: headers, Body: good.Body})
		}
		if h.AttributePrefix != "" {
			changed = append(changed, Message{Address: good.Address, Body: good.Body, Headers: with(good.Headers, h.AttributePrefix+"x", "y")})
		}
		for _, m := range changed {
			if got := h.differences(&e, m); len(got) != 1 {
				t.Errorf("%s: %v has %q, want one difference", mode, fmt.Sprint(m.Address, m.Headers), got)
			}
		}
		// What a broker adds is nobody's fault.
		added := Message{Address: good.Address, Body: good.Body, Headers: with(good.Headers, "traceparent", "00")}
		if got := h.differences(&e, added); len(got) > 0 {
			t.Errorf("%s: a header of the broker's own is %q", mode, got)
		}
	}
}

func with(headers map[string]string, name, value string) map[string]string {
	all := maps.Clone(headers)
	all[name] = value
	return all
}

// TestSecretsAreNoticed: in an error and in the log.
func TestSecretsAreNoticed(t *testing.T) {
	t.Parallel()
	for name, leak := range map[string]func(f *fixture) string{
		"error": func(*fixture) string { return "dial nats://vacancy:swordfish@host" },
		"log":   func(f *fixture) string { f.log.Logger().Debug("connecting", "password", "swordfish"); return "" },
	} {
		r := &recorder{TB: t}
		f := &fixture{TB: r, log: NewLog()}
		f.checkSecrets("nothing", "swordfish")
		if len(r.failures) > 0 {
			t.Errorf("%s: noticed too early: %q", name, r.failures)
		}
		f.checkSecrets(leak(f), "swordfish")
		if len(r.failures) != 1 {
			t.Errorf("%s: noticed %q", name, r.failures)
		}
	}
}

// TestForeignErrorsAreNoticed: the relay knows the contract's errors only.
func TestForeignErrorsAreNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		good bool
	}{
		{nil, true},
		{bus.ErrUnavailable, true},
		{fmt.Errorf("nats: %w", bus.ErrMisconfigured), true},
		{&bus.RejectedError{Index: 1, Reason: "large"}, true},
		{errors.New("timeout"), false},
	} {
		r := &recorder{TB: t}
		f := &fixture{TB: r, log: NewLog()}
		f.checkError(c.err)
		if (len(r.failures) == 0) != c.good {
			t.Errorf("%v: noticed %q", c.err, r.failures)
		}
	}
}
