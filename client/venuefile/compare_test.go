package venuefile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"vacancy/client"
)

// Every field that the API has makes a difference. A field that is added to the client and forgotten here fails.
func TestEveryFieldMakesADifference(t *testing.T) {
	t.Parallel()
	one := 1
	venue := client.Venue{ID: "v", AllowedOrigins: []string{"a"}}
	resource := client.Resource{
		ID: "r", Hours: map[string][]string{"mon": {"a"}}, Exceptions: []client.Exception{{Date: "d", Closed: true, Hours: []string{"b"}}},
	}
	service := client.Service{
		ID: "s", Price: &client.Price{}, PartySize: client.PartySize{Min: 1, Max: 1}, HorizonDays: 9, HoldMinutes: 9,
		LimitedBelow: &one, Requires: []client.Requirement{{Resource: "x", AnyOf: []string{"y"}, Units: 3}},
	}
	everyLeaf(t, &venue, func() []field { return venueFields(venue) })
	everyLeaf(t, &resource, func() []field { return resourceFields(resource) })
	everyLeaf(t, &service, func() []field { return serviceFields(service) })
}

// everyLeaf changes one value of v after the other, and wants the fields to show it.
func everyLeaf(t *testing.T, v any, fields func() []field) {
	t.Helper()
	before := fields()
	leaves(reflect.ValueOf(v).Elem(), "", func(path string, change func() (undo func())) {
		undo := change()
		if len(compare(before, fields())) == 0 {
			t.Errorf("%T: a change of %s makes no difference", v, path)
		}
		undo()
	})
	if len(compare(before, fields())) != 0 {
		t.Errorf("%T: the test left a change behind", v)
	}
}

func leaves(v reflect.Value, path string, visit func(path string, change func() (undo func()))) {
	switch v.Kind() {
	case reflect.Pointer:
		leaves(v.Elem(), path, visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "ID" && name != "Revision" && name != "MoreBookingsOutside" {
				leaves(v.Field(i), path+"."+name, visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			leaves(v.MapIndex(key).Index(0), path+"."+key.String(), visit)
		}
	default:
		visit(path, func() func() {
			old := reflect.ValueOf(v.Interface())
			switch v.Kind() { //nolint:exhaustive // the API has no others
			case reflect.String:
				v.SetString(v.String() + "x")
			case reflect.Int:
				v.SetInt(v.Int() + 7)
			case reflect.Bool:
				v.SetBool(!v.Bool())
			}
			return func() { v.Set(old) }
		})
	}
}

// What a file leaves out means the same as what the server puts there.
func TestDefaultsAreNoDifference(t *testing.T) {
	t.Parallel()
	short := client.Service{ID: "s", Name: "S", DurationMinutes: 30, Requires: []client.Requirement{{Resource: "r"}}}
	full := short
	full.StepMinutes = 30
	full.HorizonDays, full.HoldMinutes, full.PartySize, full.Revision = 90, 10, client.PartySize{Min: 1, Max: 1}, 7
	full.Requires = []client.Requirement{{AnyOf: []string{"r"}, Units: 1}}
	if d := compare(serviceFields(full), serviceFields(short)); len(d) != 0 {
		t.Errorf("differences %v", d)
	}
	a := client.Resource{ID: "r", Exceptions: []client.Exception{{Date: "2026-01-01", Closed: true}, {Date: "2026-01-02", Closed: true}}}
	b := client.Resource{ID: "r", Exceptions: []client.Exception{a.Exceptions[1], a.Exceptions[0]}, Hours: map[string][]string{"mon": {}}}
	if d := compare(resourceFields(a), resourceFields(b)); len(d) != 0 {
		t.Errorf("differences %v", d)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := Report{File: "f.yaml", Planned: true, Items: []Item{
		{Kind: "venue", ID: "v", Action: Unchanged},
		{Kind: "service", ID: "s", Action: Changed, Differences: []Difference{
			{"price", "", "25.00 EUR"}, {"description", "Two\nlines", strings.Repeat("long ", 40)},
		}},
	}}
	want := `f.yaml (nothing is changed)
  unchanged venue v
  change    service s
            price: (none) -> 25.00 EUR
            description: Two lines -> ` + strings.Repeat("long ", 15) + "long…\n"
	if r.String() != want || r.Changes() != 1 {
		t.Errorf("%d changes:\n%s\nwant\n%s", r.Changes(), r, want)
	}
}
