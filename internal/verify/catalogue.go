package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"vacancy/internal/booking"
)

// catalogue is a venue's settings as its changes have made them.
type catalogue struct {
	venue     *booking.Venue // nil until a change puts it
	resources map[booking.ResourceID]*booking.Resource
	services  map[booking.ServiceID]*booking.Service
	// requiring are the services that require a resource now.
	requiring map[booking.ResourceID][]booking.ServiceID
	// most is the highest capacity that each resource ever had.
	most map[booking.ResourceID]int
}

func newCatalogue() catalogue {
	return catalogue{
		resources: make(map[booking.ResourceID]*booking.Resource), services: make(map[booking.ServiceID]*booking.Service),
		requiring: make(map[booking.ResourceID][]booking.ServiceID), most: make(map[booking.ResourceID]int),
	}
}

// putResource sets a resource. Whether a change touches it is for touch to say.
func (c *catalogue) putResource(r booking.Resource) {
	c.resources[r.ID] = &r
	c.most[r.ID] = max(c.most[r.ID], r.Capacity)
}

func (c *catalogue) putService(s booking.Service) {
	if old := c.services[s.ID]; old != nil {
		for _, id := range required(*old) {
			c.requiring[id] = slices.DeleteFunc(c.requiring[id], func(of booking.ServiceID) bool { return of == s.ID })
		}
	}
	for _, id := range required(s) {
		c.requiring[id] = append(c.requiring[id], s.ID)
	}
	c.services[s.ID] = &s
}

// required are the resources that a service requires, each once.
func required(s booking.Service) []booking.ResourceID {
	var ids []booking.ResourceID
	for _, requirement := range s.Requires {
		ids = append(ids, requirement.AnyOf...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// touch marks what the change altered, once all of it is applied: resources and services whose settings it holds, resources on which
// it takes or frees claims, and the services that require one of these afterwards.
func (c *catalogue) touch(change booking.Change) {
	for _, id := range change.Resources() {
		if r := c.resources[id]; r != nil {
			r.Touched = change.Revision
		}
		for _, service := range c.requiring[id] {
			c.services[service].Touched = change.Revision
		}
	}
	for _, e := range change.Entries {
		if e.Service != nil {
			c.services[e.Service.ID].Touched = change.Revision
		}
	}
}

// compareCatalogue compares the settings that are stored with those that the changes have led to.
func (v *venue) compareCatalogue() {
	if replayed := v.catalogue.venue; replayed == nil {
		v.problem("no change has put its settings")
	} else {
		v.compareSettings("its settings", v.stored.Venue, *replayed, replayed.Revision)
	}
	resources := make(map[booking.ResourceID]booking.Resource, len(v.stored.Resources))
	for _, r := range v.stored.Resources {
		resources[r.ID] = r
	}
	compareAll(v, "resource", resources, v.catalogue.resources, func(what string, stored, replayed booking.Resource) {
		v.compareTouched(what, &stored.Touched, &replayed.Touched)
		v.compareSettings(what, stored, replayed, replayed.Revision)
	})
	services := make(map[booking.ServiceID]booking.Service, len(v.stored.Services))
	for _, s := range v.stored.Services {
		services[s.ID] = s
	}
	compareAll(v, "service", services, v.catalogue.services, func(what string, stored, replayed booking.Service) {
		v.compareTouched(what, &stored.Touched, &replayed.Touched)
		v.compareSettings(what, stored, replayed, replayed.Revision)
	})
}

// compareAll compares those that are on both sides, and tells of those that are not.
func compareAll[K ~string, T any](
	v *venue, kind string, stored map[K]T, replayed map[K]*T, compare func(what string, stored, replayed T),
) {
	ids := slices.Concat(slices.Collect(maps.Keys(stored)), slices.Collect(maps.Keys(replayed)))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		what := kind + " " + name(id)
		is, there := stored[id]
		switch was := replayed[id]; {
		case !there:
			v.problem("%s: a change put it, but it is not stored", what)
		case was == nil:
			v.problem("%s: it is stored, but no change put it", what)
		default:
			compare(what, is, *was)
		}
	}
}

// compareTouched compares which change touched last, and leaves nothing of it for compareSettings.
func (v *venue) compareTouched(what string, stored, replayed *booking.Revision) {
	if *stored != *replayed {
		v.problem("%s: it says that change %d touched it last, and that was change %d", what, *stored, *replayed)
	}
	*stored, *replayed = 0, 0
}

func (v *venue) compareSettings(what string, stored, replayed any, revision booking.Revision) {
	if fields := differing(stored, replayed); len(fields) > 0 {
		v.problem("%s: what is stored is not what change %d says: %s", what, revision, strings.Join(fields, ", "))
	}
}

// differing names the fields in which two structs of one type differ. Empty lists are as good as none.
func differing(a, b any) (fields []string) {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if text(x.Field(i).Interface()) != text(y.Field(i).Interface()) {
			fields = append(fields, words(x.Type().Field(i).Name))
		}
	}
	return fields
}

// text is a value as JSON, in which lists that are nil are empty.
func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%#v (%v)", v, err)
	}
	if s := string(data); s != "null" {
		return s
	}
	return "[]"
}

// words are those of a field's name: "time zone".
func words(field string) string {
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 && field[i-1] >= 'a' {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
