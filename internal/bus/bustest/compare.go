package bustest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vacancy/internal/bus"
)

// compare says what is wrong with the messages that the broker has of a venue, and what is missing. sent are all events that were given
// to the bus, in the order of the venue; the first of them, so many as confirmed says, must be there, and others may be.
func (h *Harness) compare(sent []bus.Event, confirmed int, got []Message) (faults []string, missing int) {
	index := make(map[string]int, len(sent)) // by id
	for i := range sent {
		index[sent[i].ID] = i
	}
	seen := make(map[int]bool)
	last := -1
	for n, m := range got {
		i, known := index[h.id(m)]
		if !known {
			faults = append(faults, fmt.Sprintf("message %d, of %q, was never sent: %.200s", n, m.Address, m.Body))
			continue
		}
		if !seen[i] && i < last {
			faults = append(faults, fmt.Sprintf("message %d is the first occurrence of event %d, after that of event %d", n, i, last))
		}
		seen[i], last = true, max(last, i)
		for _, fault := range h.differences(&sent[i], m) {
			faults = append(faults, fmt.Sprintf("message %d, event %d: %s", n, i, fault))
		}
	}
	for i := range confirmed {
		if !seen[i] {
			missing++
		}
	}
	return faults, missing
}

// id is the id of the event that a message is.
func (h *Harness) id(m Message) string {
	if h.AttributePrefix != "" {
		return m.Headers[h.AttributePrefix+"id"]
	}
	var event struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(m.Body, &event) // one that is no JSON has no id, and is told of as unknown
	return event.ID
}

// differences says in what a message is not what it should be.
func (h *Harness) differences(e *bus.Event, m Message) (faults []string) {
	if want := h.Address(e); m.Address != want {
		faults = append(faults, fmt.Sprintf("the address is %q, want %q", m.Address, want))
	}
	headers, body, err := h.wire(e)
	if err != nil {
		return append(faults, err.Error())
	}
	if !bytes.Equal(m.Body, body) {
		faults = append(faults, fmt.Sprintf("the body is %.300s, want %.300s", m.Body, body))
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if got := m.Headers[name]; got != headers[name] {
			faults = append(faults, fmt.Sprintf("the header %s is %q, want %q", name, got, headers[name]))
		}
	}
	for name := range m.Headers {
		if _, known := headers[name]; !known && h.AttributePrefix != "" && strings.HasPrefix(name, h.AttributePrefix) {
			faults = append(faults, fmt.Sprintf("the header %s is no attribute of the event", name))
		}
	}
	return faults
}

// wire is what an event should be to the broker.
func (h *Harness) wire(e *bus.Event) (headers map[string]string, body []byte, err error) {
	headers = make(map[string]string)
	if h.Headers != nil {
		maps.Copy(headers, h.Headers(e))
	}
	if h.AttributePrefix == "" {
		headers["content-type"] = bus.ContentType
		body, err = e.Structured()
		return headers, body, err
	}
	for _, a := range e.Attributes() {
		headers[h.AttributePrefix+a.Name] = a.Value
	}
	// In a binary mode the content type of the message is that of the data.
	delete(headers, h.AttributePrefix+"datacontenttype")
	headers["content-type"] = bus.DataContentType
	return headers, e.Data, nil
}

// verify waits until the broker has all events that were confirmed, and fails if they do not come, or if anything is wrong with what is
// there.
func (f *fixture) verify(sent []bus.Event, confirmed int) {
	f.Helper()
	if len(sent) == 0 {
		return
	}
	venue := sent[0].Venue
	var faults []string
	f.eventually("venue "+string(venue), func() string {
		var missing int
		faults, missing = f.harness.compare(sent, confirmed, f.broker.Messages(f, venue))
		if missing > 0 && len(faults) == 0 { // a fault does not go away
			return fmt.Sprintf("%d of %d confirmed events are missing at the broker", missing, confirmed)
		}
		return ""
	})
	for i, fault := range faults {
		if i == 10 {
			f.Errorf("venue %s: and %d more", venue, len(faults)-i)
			return
		}
		f.Errorf("venue %s: %s", venue, fault)
	}
}
