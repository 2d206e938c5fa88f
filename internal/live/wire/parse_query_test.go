package wire_test

import (
	"errors"
	"net/url"
	"reflect"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// day is a date of January 2000.
func day(d int) booking.Date { return booking.Date{Year: 2000, Month: 1, Day: d} }

func TestParseQuery(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want     live.Query
		position string
		wrong    []string // the fields
	}{
		"venue=ferry&service=trip&from=2000-01-02&to=2000-01-03": {
			want: live.Query{Venue: "ferry", Service: "trip", From: day(2), To: day(3), Party: 1},
		},
		"venue=barber&service=cut&from=2000-01-02&to=2000-01-03&party_size=2&resource=ann&position=e1.2.3": {
			want:     live.Query{Venue: "barber", Service: "cut", Resource: "ann", From: day(2), To: day(3), Party: 2},
			position: "e1.2.3",
		},
		"": {wrong: []string{"from", "service", "to", "venue"}},
		"venue=Ferry&service=trip&from=2000-02-30&to=3&party_size=two&resource=.": {
			wrong: []string{"from", "party_size", "resource", "to", "venue"},
		},
		"venue=ferry&service=trip&from=2000-01-02&to=2000-01-03&nights=2&venue=zoo": {wrong: []string{"nights", "venue"}},
	}
	for text, test := range tests {
		values, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		got, position, err := wire.ParseQuery(values)
		var wrong []string
		if invalid := (*booking.Invalid)(nil); errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				wrong = append(wrong, f.Field)
			}
		}
		if !reflect.DeepEqual(wrong, test.wrong) {
			t.Errorf("%s: %v is wrong, and not %v", text, wrong, test.wrong)
		}
		if err == nil && (got != test.want || position != test.position) {
			t.Errorf("%s: %+v at %q", text, got, position)
		}
	}
}

// No address makes the parser fail in another way than by naming fields.
func FuzzParseQuery(f *testing.F) {
	f.Add("venue=ferry&service=trip&from=2000-01-02&to=2000-01-03&party_size=1&position=e1.1.0")
	f.Add("venue=ferry&from=0000-00-00&to=9999-12-31&party_size=99999999999999999999")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		_, _, err = wire.ParseQuery(values)
		var invalid *booking.Invalid
		if err != nil && !errors.As(err, &invalid) {
			t.Errorf("%q gave %v", text, err)
		}
	})
}

// What GET of the same availability refuses, a live query refuses too.
func TestEmptyParametersAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"party_size", "resource"} {
		values := url.Values{"venue": {"ferry"}, "service": {"trip"}, "from": {"2000-01-02"}, "to": {"2000-01-02"}}
		if _, _, err := wire.ParseQuery(values); err != nil {
			t.Fatal(err)
		}
		values.Set(name, "")
		_, _, err := wire.ParseQuery(values)
		if invalid, ok := errors.AsType[*booking.Invalid](err); !ok || len(invalid.Fields) != 1 || invalid.Fields[0].Field != name {
			t.Errorf("an empty %s: %v", name, err)
		}
	}
}

func TestParseBooking(t *testing.T) {
	t.Parallel()
	if venue, id, err := wire.ParseBooking("ferry", "bk_1"); venue != "ferry" || id != "bk_1" || err != nil {
		t.Errorf("%q, %q, %v", venue, id, err)
	}
	_, _, err := wire.ParseBooking("Ferry", "")
	if invalid, ok := errors.AsType[*booking.Invalid](err); !ok || len(invalid.Fields) != 2 {
		t.Errorf("two wrong ids gave %v", err)
	}
}
