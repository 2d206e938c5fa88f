package ws_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"vacancy/internal/live/ws"
)

// Whatever a client sends is understood or refused, and the refusal is a message like any other.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(subscribe))
	f.Add([]byte(`{"type":"unsubscribe","id":"\u0000\ud800"}`))
	f.Add([]byte(`{"type":"subscribe","id":"b","topic":"booking","venue":"ferry","booking":"bk_1","token":"secret"}`))
	f.Add([]byte(`{"type":7,"party_size":1e999}`))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) {
			return // it does not get this far
		}
		id, err := ws.Parse(data)
		if err == nil {
			return
		}
		var refusal struct{ Type, ID, Code, Detail string }
		if err := json.Unmarshal(ws.Refusal(id, err), &refusal); err != nil || refusal.Type != "error" || refusal.ID != id {
			t.Errorf("%q is refused by %s: %v", data, ws.Refusal(id, err), err)
		}
	})
}
