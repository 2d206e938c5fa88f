package venuefile

import (
	"reflect"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/examples"
)

// edited is the studio's file with one text in place of another.
func edited(t *testing.T, old, replacement string) string {
	t.Helper()
	if !strings.Contains(yoga, old) {
		t.Fatalf("the file has no %q", old)
	}
	return strings.Replace(yoga, old, replacement, 1)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := parsed(t, yoga).Check(); err != nil {
		t.Errorf("the file as it is: %v", err)
	}
	for name, c := range map[string]struct{ old, replacement, want string }{
		"a reserved id":           {"id: yoga", "id: docs", "yoga.yaml:3: venue.id is reserved"},
		"an unknown zone":         {"Asia/Kolkata", "Asia/Nowhere", "yoga.yaml:5: venue.time_zone must be an IANA time zone"},
		"a zone that is left out": {"  time_zone: Asia/Kolkata\n", "", "yoga.yaml:3: venue.time_zone is missing: it must be"},
		"a name of nothing":       {"Courtyard Yoga", `"\u200b "`, "yoga.yaml:4: venue.name must have 1 to 200"},
		"a broken address": {
			"contact: { phone", "contact: { email: nowhere, phone",
			"yoga.yaml:6: venue.contact.email must be an email address, such as ada@example.com",
		},
		"no origin":             {"contact:", "allowed_origins: ['']\n  contact:", "yoga.yaml:6: venue.allowed_origins[0] must be"},
		"a capacity of nothing": {"capacity: 12", "capacity: 0", "yoga.yaml:11: resources[0].capacity must be 1 to"},
		"an unknown weekday":    {"mon:", "monday:", "yoga.yaml:12: resources[0].hours.monday is not a weekday"},
		"an empty period":       {`"06:00-09:00"], wed`, `""], wed`, "yoga.yaml:12: resources[0].hours.mon[0]"},
		"a whole day by zeros":  {`"06:00-09:00"], wed`, `"00:00-00:00"], wed`, "a whole day is 00:00-24:00"},
		"an exception of nothing": {
			"date: 2026-12-25, closed: true", "date: 2026-12-25",
			"yoga.yaml:14: resources[0].exceptions[0] must have either closed or hours",
		},
		"an exception that is open": {
			"closed: true", "closed: false",
			"yoga.yaml:14: resources[0].exceptions[0] must have either closed or hours",
		},
		"an exception of no hours": {"closed: true", "hours: []", "yoga.yaml:14: resources[0].exceptions[0] must have either closed or hours"},
		"an exception of null": {
			"closed: true", "closed: null",
			"yoga.yaml:14: resources[0].exceptions[0] must have either closed or hours",
		},
		"an exception of both": {
			"closed: true", "closed: true, hours: [08:00-09:00]",
			"resources[0].exceptions[0] must have either closed or hours",
		},
		"an exception of no date": {"date: 2026-12-25", "date: 2026-02-30", "yoga.yaml:14: resources[0].exceptions[0].date must be a date"},
		"a price of many digits":  {"450.00", "450.001", "yoga.yaml:21: services[0].price.amount must have at most 2 digits"},
		"an unknown currency":     {"INR", "RUP", "yoga.yaml:21: services[0].price.currency must be a currency's code"},
		"an empty price":          {"{ amount: 450.00, currency: INR }", "{}", "yoga.yaml:21: services[0].price.currency is missing: it must be"},
		"a length that fits nowhere": {
			"duration_minutes: 60", "duration_minutes: 200",
			"yoga.yaml:22: services[0].duration_minutes fits no opening",
		},
		"a length of nothing": {"duration_minutes: 60", "duration_minutes: 0", "yoga.yaml:22: services[0].duration_minutes must be 1 to"},
		"a notice beyond horizon": {
			"step_minutes: 60", "horizon_days: 3\n    min_notice_minutes: 6000",
			"services[0].min_notice_minutes is beyond the horizon",
		},
		"limited above the capacity": {"limited_below: 0", "limited_below: 21", "yoga.yaml:24: services[0].limited_below is more than the 20"},
		"half a party size":          {"{ min: 1, max: 4 }", "{ min: 1 }", "yoga.yaml:25: services[0].party_size.max is missing: it must be"},
		"a party of none":            {"{ min: 1, max: 4 }", "{ min: 0, max: 4 }", "yoga.yaml:25: services[0].party_size.min must be 1 or more"},
		"a blank capacity":           {"capacity: 12", "capacity:", "yoga.yaml:11: resources[0].capacity is missing: it must be 1 to"},
		"no requires at all": {
			"requires:\n      - { any_of: [hall, terrace], units: 1, per_person: true }", "min_notice_minutes: 0",
			"services[0].requires is missing: it must have an entry",
		},
		"two resources at once": {
			"per_person: true }", "per_person: true }\n      - { resource: hall }",
			"services[0].requires must have exactly 1 entry: a service cannot take two resources at once yet",
		},
		"a length of weeks": {
			"duration_minutes: 60\n    step_minutes: 60", "duration_minutes: 30000",
			"yoga.yaml:22: services[0].duration_minutes must be 1 to",
		},
		"nothing required": {
			"requires:\n      - { any_of: [hall, terrace], units: 1, per_person: true }", "requires: []",
			"services[0].requires must have",
		},
		"one resource and a pool": {
			"any_of: [hall, terrace]", "resource: hall, any_of: [terrace]",
			"services[0].requires[0] must have either resource or any_of",
		},
		"no resource": {"any_of: [hall, terrace], ", "", "services[0].requires[0] must have either resource or any_of"},
		"an unknown resource": {
			"any_of: [hall, terrace]", "resource: halle",
			`services[0].requires[0].resource there is no resource "halle"`,
		},
		"an unknown one of a pool": {
			"any_of: [hall, terrace]", "any_of: [hall, porch]",
			`yoga.yaml:27: services[0].requires[0].any_of[1] there is no resource "porch"`,
		},
		"more units than there are": {"units: 1", "units: 13", "services[0].requires[0].units takes 13"},
		"a place beyond all":        {"capacity: 12", "capacity: 12\n    order: -1", "yoga.yaml:12: resources[0].order must be 0 to"},
	} {
		d, err := Parse("yoga.yaml", []byte(edited(t, c.old, c.replacement)))
		if err == nil {
			err = d.Check()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		}
	}
}

// A mistake is told once: neither for a service that requires the resource it is in, nor for a step that follows from the length.
func TestOneMistakeIsOneComplaint(t *testing.T) {
	t.Parallel()
	for old, replacement := range map[string]string{
		"capacity: 12": "capacity:", "duration_minutes: 60\n    step_minutes: 60": "duration_minutes: 30000", "id: yoga": "id: docs",
	} {
		err := parsed(t, edited(t, old, replacement)).Check()
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", replacement, err)
		}
	}
	if err := parsed(t, edited(t, "duration_minutes: 60\n    step_minutes: 60", "duration_minutes: 1441")).Check(); err == nil ||
		!strings.Contains(err.Error(), "duration_minutes fits no opening") || strings.Contains(err.Error(), "step_minutes") {
		t.Errorf("a day and a minute: %v", err)
	}
}

// Every number that the client leaves out when it is 0, and for which the server then puts another, cannot be written as 0.
func TestZeroIsNotLeftOut(t *testing.T) {
	t.Parallel()
	zeroMeansZero := []string{"buffer_before_minutes", "buffer_after_minutes", "min_notice_minutes", "order", "revision"}
	for _, kind := range []reflect.Type{
		reflect.TypeFor[client.Resource](), reflect.TypeFor[client.Service](), reflect.TypeFor[client.Requirement](),
		reflect.TypeFor[client.PartySize](), reflect.TypeFor[client.Exception](), reflect.TypeFor[client.Venue](),
		reflect.TypeFor[client.Limits](),
	} {
		for f := range kind.Fields() {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			number := f.Type.Kind() >= reflect.Int && f.Type.Kind() <= reflect.Uint64
			if number && options == "omitempty" && !strings.Contains(strings.Join(zeroMeansZero, " "), name) && !zeroIsNothing[name] {
				t.Errorf("%s.%s: is 0 the same as nothing?", kind, name)
			}
		}
	}
	for field, in := range map[string]string{
		"services[0].step_minutes": "duration_minutes: 60", "services[0].horizon_days": "duration_minutes: 60",
		"services[0].hold_minutes": "duration_minutes: 60", "services[0].requires[0].units": "any_of: [hall, terrace]",
	} {
		name := lastName(field)
		text := strings.NewReplacer("    step_minutes: 60\n", "", ", units: 1", "").Replace(yoga)
		separator := "\n    "
		if name == "units" {
			separator = ", "
		}
		text = strings.Replace(text, in, in+separator+name+": 0", 1)
		if _, err := Parse("f", []byte(text)); err == nil || !strings.Contains(err.Error(), field+" must be 1 or more") {
			t.Errorf("%s: 0: %v", field, err)
		}
	}
}

// What a file spells otherwise than the server stores is no difference.
func TestSpellingIsNoDifference(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	if _, err := Apply(t.Context(), c, parsed(t, yoga), Options{}); err != nil {
		t.Fatal(err)
	}
	spelled := strings.NewReplacer(
		"Courtyard Yoga", "\"\\ufeffCourtyard\\u00a0 Yoga\\u200b\"", "+91 80 1555 0142", "tel:＋91 80 1555\u00a00142", "INR", "inr",
		`"06:00-09:00"]`, `"6:00 – 9:00"]`,
	).Replace(yoga)
	spelled = "\ufeff" + strings.ReplaceAll(spelled, "\n", "\r\n") // as some editors save it
	report, err := Apply(t.Context(), c, parsed(t, spelled), Options{})
	if err != nil || report.Changes() != 0 || len(server.writes) != 4 {
		t.Errorf("%v\n%v", err, report)
	}
}

func TestExamplesPassTheCheck(t *testing.T) {
	t.Parallel()
	entries, err := examples.Venues.ReadDir("venues")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := examples.Venues.ReadFile("venues/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if err := parsed(t, string(data)).Check(); err != nil {
			t.Errorf("%s: %v", entry.Name(), err)
		}
	}
}
