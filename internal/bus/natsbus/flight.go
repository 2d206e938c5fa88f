package natsbus

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"vacancy/internal/bus"
)

// Codes of JetStream's errors that nats.go has no name for.
const (
	messageTooLarge     jetstream.ErrorCode = 10054
	insufficientStorage jetstream.ErrorCode = 10047
	insufficientServers jetstream.ErrorCode = 10074
	storeFailed         jetstream.ErrorCode = 10077
	sealed              jetstream.ErrorCode = 10109
)

// flight is a batch that waits for its confirmations. The session's mutex guards it.
type flight struct {
	id      string
	inbox   string // and the place in the batch, is where a confirmation goes
	waiting int
	done    chan struct{} // closed with the last answer
	failed  int           // the first event that was refused, if err is not nil
	err     error
}

// begin registers a flight of so many messages.
func (s *session) begin(messages int) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	id := strconv.Itoa(s.next)
	f := &flight{id: id, inbox: s.inbox + "." + id + ".", waiting: messages, done: make(chan struct{})}
	s.flights[id] = f
	return f
}

func (s *session) forget(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.flights, f.id)
}

// result is what became of a flight that is done.
func (f *flight) result(s *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.err
}

// confirmation is called by nats.go with each answer to a message.
func (s *session) confirmation(m *nats.Msg) {
	id, place, ok := strings.Cut(strings.TrimPrefix(m.Subject, s.inbox+"."), ".")
	index, err := strconv.Atoi(place)
	if !ok || err != nil {
		return
	}
	s.heard.Add(1)
	refusal, ends := s.config.refusal(m, index)
	if ends { // what there is of the stream is no longer what was checked
		s.end(refusal)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, waits := s.flights[id]
	if !waits || f.waiting == 0 {
		return
	}
	if refusal != nil && (f.err == nil || index < f.failed) {
		f.failed, f.err = index, refusal
	}
	if f.waiting--; f.waiting == 0 {
		close(f.done)
	}
}

// ack is JetStream's answer to a message.
type ack struct {
	Stream string              `json:"stream"`
	Error  *jetstream.APIError `json:"error"`
}

// refusal is why a message was not stored, or nil; ends says that no other will be either until the stream has been checked again.
func (c *Config) refusal(m *nats.Msg, index int) (err error, ends bool) { //nolint:revive // the error says whether the other counts
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" { // the stream is gone, or a cluster chooses its leader
		return unavailable("no stream takes %s at the NATS server now", c.subjects()), true
	}
	var a ack
	if err := json.Unmarshal(m.Data, &a); err != nil || a.Error == nil && a.Stream == "" {
		return unavailable("an answer of NATS is no confirmation"), false
	}
	switch {
	case a.Error == nil && a.Stream != c.Stream:
		return misconfigured("the stream %s takes the events, and not %s", a.Stream, c.Stream), true
	case a.Error == nil:
		return nil, false
	case a.Error.ErrorCode == messageTooLarge:
		return &bus.RejectedError{Index: index, Reason: "it is larger than the stream " + c.Stream + " takes: " + a.Error.Description}, false
	case a.Error.ErrorCode == storeFailed:
		return unavailable("the stream %s stores nothing: %s", c.Stream, a.Error.Description), false
	case a.Error.ErrorCode == sealed:
		return misconfigured("the stream %s is sealed", c.Stream), true
	case a.Error.Code < 500:
		return misconfigured("the stream %s refuses events: %s", c.Stream, a.Error.Description), false
	default:
		return unavailable("the stream %s: %s", c.Stream, a.Error.Description), false
	}
}
