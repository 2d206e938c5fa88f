package venuefile

import (
	"reflect"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/examples"
)

const yoga = `# A studio
venue:
  id: yoga
  name: Courtyard Yoga
  time_zone: Asia/Kolkata
  contact: { phone: "+91 80 1555 0142" }
resources:
  - &hall
    id: hall
    name: Hall
    capacity: 12
    hours: { mon: ["06:00-09:00"], wed: [06:00-09:00, "17:00-19:00"] }
    exceptions:
      - { date: 2026-12-25, closed: true }
  - <<: *hall
    id: terrace
    capacity: 8
services:
  - id: hatha
    name: Hatha class
    price: { amount: 450.00, currency: INR }
    duration_minutes: 60
    step_minutes: 60
    limited_below: 0
    party_size: { min: 1, max: 4 }
    requires:
      - { any_of: [hall, terrace], units: 1, per_person: true }
`

func TestParse(t *testing.T) {
	t.Parallel()
	d, err := Parse("yoga.yaml", []byte(yoga))
	if err != nil {
		t.Fatal(err)
	}
	zero := 0
	hall := client.Resource{
		ID: "hall", Name: "Hall", Capacity: 12, Order: 1,
		Hours:      map[string][]string{"mon": {"06:00-09:00"}, "wed": {"06:00-09:00", "17:00-19:00"}},
		Exceptions: []client.Exception{{Date: "2026-12-25", Closed: true}},
	}
	terrace := hall
	terrace.ID, terrace.Capacity, terrace.Order = "terrace", 8, 2
	want := Document{
		Name:      "yoga.yaml",
		Venue:     client.Venue{ID: "yoga", Name: "Courtyard Yoga", TimeZone: "Asia/Kolkata", Contact: client.Contact{Phone: "+91 80 1555 0142"}},
		Resources: []client.Resource{hall, terrace},
		Services: []client.Service{{
			ID: "hatha", Name: "Hatha class", Price: &client.Price{Amount: "450.00", Currency: "INR"},
			DurationMinutes: 60, StepMinutes: 60, PartySize: client.PartySize{Min: 1, Max: 4}, LimitedBelow: &zero,
			Requires: []client.Requirement{{AnyOf: []string{"hall", "terrace"}, Units: 1, PerPerson: true}},
			Order:    1,
		}},
	}
	for field, line := range map[string]int{
		"venue.name": 4, "resources[0].hours.wed[1]": 12, "services[0].requires[0].units": 27,
		"services[0].requires[0].nothing": 27, "services[0].color": 19, "elsewhere": 1,
	} {
		if got := d.line(field); got != line {
			t.Errorf("%s stands on line %d, not %d", field, line, got)
		}
	}
	d.lines, d.blank = nil, nil
	if !reflect.DeepEqual(d, want) {
		t.Errorf("read\n%+v\nwant\n%+v", d, want)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const venue = "venue: { id: v, name: V, time_zone: UTC }\n"
	for name, test := range map[string]struct{ text, want string }{
		"nothing":             {"", "f:1: the file is empty"},
		"only a comment":      {"# nothing\n", "f:1: the file is empty"},
		"no mapping":          {"- a\n", "f:1: the file must be a mapping"},
		"no venue":            {"resources: []\n", "f:1: there is no venue"},
		"null venue":          {"venue: null\n", "f:1: there is no venue"},
		"no id":               {"venue: { name: V }\n", "f:1: venue has no id"},
		"unknown field":       {venue + "services:\n  - id: s\n    colour: 3\n", "f:4: unknown field services[0].colour"},
		"deep unknown field":  {"venue:\n  id: v\n  contact: { fax: 1 }\n", "f:3: unknown field venue.contact.fax"},
		"revision":            {"venue: { id: v, revision: 4 }\n", "f:1: unknown field venue.revision"},
		"given twice":         {"venue:\n  id: v\n  name: V\n  id: w\n", "f:4: venue.id is given twice"},
		"not a list":          {venue + "resources: { id: r }\n", "f:2: resources must be a list"},
		"not a mapping":       {venue + "resources: [r]\n", "f:2: resources[0] must be a mapping"},
		"not a value":         {"venue: { id: [v] }\n", "f:1: venue.id must be a single value"},
		"not a number":        {venue + "resources:\n- id: r\n  capacity: two\n", "f:4: resources[0].capacity must be a whole number"},
		"half a number":       {venue + "resources: [{id: r, capacity: 1.5}]", "f:2: resources[0].capacity must be a whole number"},
		"a number as text":    {venue + "resources: [{id: r, capacity: '1'}]", "f:2: resources[0].capacity must be a whole number"},
		"huge number":         {venue + "resources: [{id: r, capacity: 99999999999999999999}]", "f:2: resources[0].capacity must be a whole"},
		"not a truth":         {venue + "services: [{id: s, requires: [{per_person: 1}]}]", "f:2: services[0].requires[0].per_person must be"},
		"one id twice":        {venue + "services:\n- id: s\n- id: s\n", `f:4: a second service with the id "s"`},
		"no id of a resource": {venue + "resources:\n- name: R\n", "f:3: resources[0] has no id"},
		"two documents":       {venue + "---\n" + venue, "f:2: one file holds one venue"},
		"no YAML":             {"venue: {\n", "f:1: this is not YAML: "},
		"no YAML after it":    {venue + "---\nvenue: {\n", "f:3: this is not YAML: "},
		"no YAML on line 1":   {"venue: @v\n", "f:1: this is not YAML: "},
		"no YAML on line 2":   {"venue:\n  id: @v\n", "f:2: this is not YAML: "},
		"a tab in a mapping":  {"venue:\n  id: v\n\tname: V\n", "f:3: a tab cannot indent"},
		"a tab on line 1":     {"\tvenue:\n", "f:1: a tab cannot indent"},
		"a tab behind blanks": {"venue:\n  id: v\n  contact:\n  \tphone: 1\n  name: V\n", "f:4: a tab cannot indent"},
		"a tab in a text":     {"venue:\n  id: v\n  name: |\n    x\n\ty\n", "f:5: a tab cannot indent"},
		"merge of itself":     {"venue: &v\n  <<: *v\n  id: v\n", "f:2: venue merges too many mappings"},
		"merge of a text":     {"venue:\n  <<: v\n  id: v\n", "f:2: venue must be a mapping"},
	} {
		_, err := Parse("f", []byte(test.text))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v; want %s", name, err, test.want)
		}
	}
}

// All mistakes are told at once.
func TestParseTellsAllErrors(t *testing.T) {
	t.Parallel()
	_, err := Parse("f", []byte("venue:\n  id: v\n  nickname: V\nresources:\n  - capacity: many\n"))
	const want = "f:3: unknown field venue.nickname\nf:5: resources[0].capacity must be a whole number\nf:5: resources[0] has no id"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}

// Aliases of aliases can make a short file stand for more than any memory holds.
func TestParseBomb(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("venue: { id: v, name: V, time_zone: UTC }\nresources:\n- id: r\n  exceptions: &e [")
	b.WriteString(strings.Repeat("{date: 2026-01-01},", 200))
	b.WriteString("]\n")
	b.WriteString(strings.Repeat("- { exceptions: *e }\n", 200))
	if _, err := parse("f", []byte(b.String()), 10_000); err == nil || !strings.Contains(err.Error(), "the file is too large") {
		t.Errorf("forty thousand exceptions are read: %.100v", err)
	}
}

func TestExamplesAreRead(t *testing.T) {
	t.Parallel()
	entries, err := examples.Venues.ReadDir("venues")
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d examples, %v", len(entries), err)
	}
	for _, entry := range entries {
		data, err := examples.Venues.ReadFile("venues/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(entry.Name(), data)
		if err != nil {
			t.Error(err)
		}
		if d.Venue.ID+".yaml" != entry.Name() || len(d.Resources) == 0 || len(d.Services) == 0 {
			t.Errorf("%s holds %q with %d resources and %d services", entry.Name(), d.Venue.ID, len(d.Resources), len(d.Services))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(yoga))
	f.Add([]byte("venue: &a { id: v, <<: *a }\n"))
	f.Add([]byte("&a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := Parse("f", data); err == nil && d.Venue.ID == "" {
			t.Error("a document without a venue's id")
		}
	})
}
