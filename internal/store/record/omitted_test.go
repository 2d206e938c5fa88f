package record

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store/storetest"
)

// firstVersion are the fields of the first version of each record. This list does not grow: whatever came later is unknown to a program
// that may run beside this one.
var firstVersion = map[string][]string{
	"venue":    {"name", "time_zone", "contact_email", "contact_phone", "allowed_origins", "revision", "archived"},
	"resource": {"id", "name", "capacity", "schedule", "revision", "archived"},
	"service": {
		"id", "name", "description", "price_amount", "price_currency", "color", "duration", "step", "buffer_before", "buffer_after",
		"min_notice", "horizon_days", "party_min", "party_max", "hold_for", "limited_below", "requires", "revision", "archived",
	},
}

// edits are an entry of each kind of settings, with a value in every field, and the least settings.
var edits = map[string]struct {
	record      any
	full, least booking.Entry
}{
	"venue": {
		Venue{},
		booking.Entry{Venue: new(storetest.SampleVenue("a"))},
		booking.Entry{Venue: &booking.Venue{ID: "a"}},
	},
	"resource": {
		Resource{},
		booking.Entry{Resource: new(storetest.SampleResource("a", storetest.Basin))},
		booking.Entry{Resource: &booking.Resource{Venue: "a", ID: storetest.Basin}},
	},
	"service": {
		Service{},
		booking.Entry{Service: new(storetest.SampleService("a", storetest.Cut, storetest.Chair1))},
		booking.Entry{Service: &booking.Service{Venue: "a", ID: storetest.Cut, Requires: []booking.Requirement{}}},
	},
}

// TestFieldsOfLaterVersions: each field that is not of the first version is always written, so that an entry without it is known to be an
// older program's, which does not say what the field is. A field that is added without that fails here.
func TestFieldsOfLaterVersions(t *testing.T) {
	t.Parallel()
	later := 0
	for what, edit := range edits {
		for field := range reflect.TypeOf(edit.record).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if slices.Contains(firstVersion[what], name) {
				continue
			}
			later++
			t.Run(what+"/"+name, func(t *testing.T) {
				t.Parallel()
				for _, e := range []booking.Entry{edit.full, edit.least} {
					if got := again(t, e, what, ""); !reflect.DeepEqual(got, e) {
						t.Errorf("what this program writes is read as %+v: the field must be written where it is zero too", got)
					}
				}
				omitting := again(t, edit.full, what, name)
				if omitting.Omits == 0 {
					t.Error("nothing tells that the field is missing")
				}
				if got := again(t, omitting, what, ""); !reflect.DeepEqual(got, omitting) {
					t.Errorf("written once more, as for the audit trail, the entry is %+v, which nobody has stated", got)
				}
			})
		}
	}
	if later != 3 {
		t.Errorf("%d fields were looked at; order and limits came later", later)
	}
}

// again is an entry that was written and read, meanwhile without a field.
func again(t *testing.T, e booking.Entry, what, without string) booking.Entry {
	t.Helper()
	data, err := EncodeEntries([]booking.Entry{e})
	must(t, err)
	var list []map[string]any
	must(t, json.Unmarshal(data, &list))
	settings, ok := list[0][what].(map[string]any)
	if !ok {
		t.Fatalf("the entry is written as %s", data)
	}
	delete(settings, without)
	data, err = json.Marshal(list)
	must(t, err)
	entries, err := DecodeEntries(data, "a")
	must(t, err)
	return entries[0]
}
