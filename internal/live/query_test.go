package live_test

import (
	"errors"
	"net/url"
	"reflect"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

func TestParseQuery(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want     live.Query
		position string
		wrong    []string // the fields
	}{
		"venue=ferry&service=trip&from=2000-01-02&to=2000-01-03": {want: trips(2, 3, 1)},
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
		got, position, err := live.ParseQuery(values)
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

// Whatever a reader sends as its position, it ends up with what there is.
func FuzzPosition(f *testing.F) {
	for _, seed := range []string{"", "e1.1.0", "e1.1.fnnqs0", "e1.zzz.0", "e2.1.0", "e1.-1.0", "e1.1.zzzzzzzzzzz", ".", "e1.1.0.0", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, position string) {
		inScene(t, func(t *testing.T, s scene) {
			first := s.come(trips(2, 2, 1), "")
			first.gets(live.EventSnapshot)
			s.book(first.query, at(2, 10, 0), 1)
			first.pull()
			again := s.come(first.query, position)
			again.Reader = first.Reader
			events := again.pull()
			if len(events) == 0 || events[len(events)-1] == live.EventDelta {
				return // it claims to have seen what is there
			}
			again.agrees()
		})
	})
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
		_, _, err = live.ParseQuery(values)
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
		if _, _, err := live.ParseQuery(values); err != nil {
			t.Fatal(err)
		}
		values.Set(name, "")
		_, _, err := live.ParseQuery(values)
		if invalid, ok := errors.AsType[*booking.Invalid](err); !ok || len(invalid.Fields) != 1 || invalid.Fields[0].Field != name {
			t.Errorf("an empty %s: %v", name, err)
		}
	}
}
