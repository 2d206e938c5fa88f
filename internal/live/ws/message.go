package ws

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"vacancy/internal/live/wire"
)

// message is what a client sends. Type is subscribe, unsubscribe or ping.
type message struct {
	Type string `json:"type"`
	// ID is the client's own name for a subscription, unique in its connection.
	ID string `json:"id"`
	// Topic of a subscription is availability, which is meant if it is empty, booking or venue.
	Topic string `json:"topic"`
	wire.Query
	Position string `json:"position"`
	Booking  string `json:"booking"`
	Token    string `json:"token"`
}

// parse reads a message, as strictly as bodies of requests are read. What is wrong with it is for the client to read.
func parse(data []byte) (m message, err error) {
	err = json.Unmarshal(data, &m, json.RejectUnknownMembers(true))
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return m, fmt.Errorf("%s: is given twice", fieldAt(syntax.JSONPointer))
		}
		return m, fmt.Errorf("message: is not one JSON value, at byte %d", syntax.ByteOffset)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return m, fmt.Errorf("%s: %s", fieldAt(semantic.JSONPointer), typeErrorMessage(semantic))
	}
	if err != nil {
		return m, errors.New("message: is not JSON")
	}
	return m, nil
}

// fieldAt is the member that an error is about.
func fieldAt(at jsontext.Pointer) string {
	name := at.LastToken()
	if name == "" || len(name) > maxID || !utf8.ValidString(name) {
		return "message"
	}
	return name
}

// typeErrorMessage says what is wrong with a member.
func typeErrorMessage(e *json.SemanticError) string {
	switch {
	case errors.Is(e.Err, json.ErrUnknownName):
		return "is not a field here"
	case e.GoType != nil && e.GoType.Kind() == reflect.String:
		return "must be a string"
	case e.GoType != nil && e.GoType.Kind() == reflect.Int:
		return "must be a whole number"
	}
	return "must be an object"
}

// check tells what is wrong with a message's names.
func (m message) check() error {
	switch {
	case m.Type == "ping":
		return nil
	case m.Type != "subscribe" && m.Type != "unsubscribe":
		return wire.Malformed("type", "must be subscribe, unsubscribe or ping")
	case m.ID == "" || len(m.ID) > maxID:
		return wire.Malformed("id", "must have 1 to %d bytes", maxID)
	case m.Topic != "" && m.Topic != "availability" && m.Topic != "booking" && m.Topic != "venue":
		return wire.Malformed("topic", "must be availability, booking or venue")
	case len(m.Token) > maxToken:
		return wire.Malformed("token", "must have at most %d bytes", maxToken)
	}
	return nil
}

// quote is a text as JSON.
func quote(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return b
}

// beginMessage is the beginning of a message to the client, up to the members of its frame: the type and, if it has one, the id.
func beginMessage(kind string, id []byte) []byte {
	b := make([]byte, 0, len(kind)+len(id)+24)
	b = append(append(append(b, `{"type":"`...), kind...), '"', ',')
	if len(id) > 0 {
		b = append(append(append(b, `"id":`...), id...), ',')
	}
	return b
}

// reply is a whole message without a frame.
func reply(kind string, id []byte, members string) []byte {
	b := beginMessage(kind, id)
	if members == "" {
		b[len(b)-1] = '}'
		return b
	}
	return append(append(b, members...), '}')
}

// refusal is the message that tells of an error.
func refusal(id []byte, code, detail string) []byte {
	return reply("error", id, `"code":`+string(quote(code))+`,"detail":`+string(quote(detail)))
}
