package bus_test

import (
	"encoding/json"
	"testing"
	"time"

	"vacancy/internal/bus"
)

func confirmed() bus.Event {
	return bus.Event{
		ID: "yoga/3-k2/41/0", Venue: "yoga", Name: bus.BookingConfirmed, Subject: "b_1",
		Time: time.Date(2026, 11, 24, 8, 0, 0, 1000, time.UTC), Epoch: "3-k2", Revision: 1 << 40, Index: 2, Data: json.RawMessage(`{"a":1}`),
	}
}

func TestStructured(t *testing.T) {
	t.Parallel()
	e := confirmed()
	got, err := e.Structured()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"yoga/3-k2/41/0","source":"/venues/yoga","type":"vacancy.booking.confirmed.v1","subject":"b_1",` +
		`"time":"2026-11-24T08:00:00.000001Z","datacontenttype":"application/json","epoch":"3-k2","term":"3","revision":"1099511627776",` +
		`"index":"2","data":{"a":1}}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestModesAgree: whoever reads the binary mode gets the attributes that the structured mode has.
func TestModesAgree(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{"b_1", ""} {
		e := confirmed()
		e.Subject = subject
		text, err := e.Structured()
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		delete(object, "data")
		for _, a := range e.Attributes() {
			if object[a.Name] != a.Value {
				t.Errorf("%s is %q, and %q in the structured mode", a.Name, a.Value, object[a.Name])
			}
			delete(object, a.Name)
		}
		if len(object) > 0 {
			t.Errorf("the binary mode lacks %v", object)
		}
	}
}
