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
	resources map[booking.ResourceID]*putResource
	services  map[booking.ServiceID]*putService
	// touched is the last change that altered each resource or what is taken of it.
	touched map[booking.ResourceID]booking.Revision
	// most is the highest capacity that each resource ever had.
	most map[booking.ResourceID]int
}

// putResource and putService are settings as their last entry has them. What it omits is not known: see [booking.Entry.Omits].
type (
	putResource struct {
		booking.Resource

		omits booking.Omitted
	}
	putService struct {
		booking.Service

		omits booking.Omitted
	}
)

// withOmitted has what the entry omits as it is stored.
func (r putResource) withOmitted(stored booking.Resource) booking.Resource {
	if r.omits&booking.OmitsOrder != 0 {
		r.Order = stored.Order
	}
	return r.Resource
}

func (s putService) withOmitted(stored booking.Service) booking.Service {
	if s.omits&booking.OmitsOrder != 0 {
		s.Order = stored.Order
	}
	if s.omits&booking.OmitsLimits != 0 {
		s.Limits = stored.Limits
	}
	return s.Service
}

func newCatalogue() catalogue {
	return catalogue{
		resources: make(map[booking.ResourceID]*putResource), services: make(map[booking.ServiceID]*putService),
		touched: make(map[booking.ResourceID]booking.Revision), most: make(map[booking.ResourceID]int),
	}
}

// setResource is the resource after an entry.
func (c *catalogue) setResource(e booking.Entry) booking.Resource {
	r := *e.Resource
	c.resources[r.ID] = &putResource{r, e.Omits}
	c.most[r.ID] = max(c.most[r.ID], r.Capacity)
	return r
}

// setService is the service after an entry.
func (c *catalogue) setService(e booking.Entry) booking.Service {
	c.services[e.Service.ID] = &putService{*e.Service, e.Omits}
	return *e.Service
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
	compareAll(v, "resource", resources, v.catalogue.resources, func(what string, stored booking.Resource, replayed putResource) {
		v.compareSettings(what, stored, replayed.withOmitted(stored), replayed.Revision)
	})
	services := make(map[booking.ServiceID]booking.Service, len(v.stored.Services))
	for _, s := range v.stored.Services {
		services[s.ID] = s
	}
	compareAll(v, "service", services, v.catalogue.services, func(what string, stored booking.Service, replayed putService) {
		v.compareSettings(what, stored, replayed.withOmitted(stored), replayed.Revision)
	})
	v.compareTouched()
}

// compareAll compares those that are on both sides, and tells of those that are not.
func compareAll[K ~string, S, R any](
	v *venue, kind string, stored map[K]S, replayed map[K]*R, compare func(what string, stored S, replayed R),
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

// compareTouched compares which change touched each resource last.
func (v *venue) compareTouched() {
	stored, replayed := v.stored.Touched, v.catalogue.touched
	ids := slices.Concat(slices.Collect(maps.Keys(stored)), slices.Collect(maps.Keys(replayed)))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if stored[id] != replayed[id] {
			v.problem("resource %s: it says that change %d touched it last, and that was change %d", name(id), stored[id], replayed[id])
		}
	}
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
			fields = append(fields, fieldLabel(x.Type().Field(i).Name))
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

// fieldLabel is the words of a field's name: "time zone".
func fieldLabel(field string) string {
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 && field[i-1] >= 'a' {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
