package storetest

import (
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var catalogueChecks = []Check{
	{"catalogue/every field comes back", catalogueFields},
	{"catalogue/little or nothing in a field", catalogueSparse},
	{"catalogue/replaced", catalogueReplaced},
	{"catalogue/archived", catalogueArchived},
	{"catalogue/venues are listed by id", catalogueVenues},
}

func catalogueFields(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	loaded := f.Load("salon")
	venue := SampleVenue("salon")
	venue.Revision = 1
	same(t, "venue", loaded.Venue, venue)
	var resources []booking.Resource
	for _, id := range []booking.ResourceID{Basin, Chair1, Chair2} { // by id
		r := SampleResource("salon", id)
		r.Revision, r.Touched = 1, 1
		resources = append(resources, r)
	}
	same(t, "resources", loaded.Resources, resources)
	services := []booking.Service{
		SampleService("salon", Colour, Chair2), SampleService("salon", Cut, Chair1, Chair2), SampleService("salon", Wash, Basin),
	}
	for i := range services {
		services[i].Revision, services[i].Touched = 1, 1
	}
	same(t, "services", loaded.Services, services)
}

func catalogueSparse(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	zero := 0
	venue := booking.Venue{ID: "salon", Name: "S", TimeZone: "UTC"}
	resource := booking.Resource{Venue: "salon", ID: "r", Name: "R", Capacity: booking.MaxCapacity}
	service := booking.Service{
		Venue: "salon", ID: "s", Name: "S", Duration: booking.MaxDuration, Step: time.Minute, HorizonDays: 1,
		PartySize: booking.PartySize{Min: 1, Max: 1}, HoldFor: time.Minute, Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"r"}, Units: 1}},
	}
	none := service
	none.ID, none.LimitedBelow = "t", &zero
	f.Change("salon", func(d *Draft) {
		d.PutVenue(venue)
		d.PutResource(resource)
		d.PutService(service)
		d.PutService(none)
	})
	venue.Revision, resource.Revision, resource.Touched = 1, 1, 1
	service.Revision, service.Touched, none.Revision, none.Touched = 1, 1, 1, 1
	loaded := f.Load("salon")
	same(t, "venue", loaded.Venue, venue)
	same(t, "resources", loaded.Resources, []booking.Resource{resource})
	same(t, "services", loaded.Services, []booking.Service{service, none})
	if loaded.Services[0].Price != nil || loaded.Services[0].LimitedBelow != nil {
		t.Errorf("a service without price and limit came back with price %v and limit %v", loaded.Services[0].Price, loaded.Services[0].LimitedBelow)
	}
	if limit := loaded.Services[1].LimitedBelow; limit == nil {
		t.Errorf("a limit of zero came back as none")
	}
}

func catalogueReplaced(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Basin)) })
	venue := booking.Venue{ID: "salon", Name: "New", TimeZone: "Asia/Kolkata"}
	resource := booking.Resource{Venue: "salon", ID: Chair1, Name: "New", Capacity: 1}
	service := SampleService("salon", Wash, Basin, Chair1)
	service.Price, service.LimitedBelow, service.Requires[0].PerPerson = nil, nil, false
	f.Change("salon", func(d *Draft) {
		d.PutVenue(venue)
		d.PutResource(resource)
		d.PutService(service)
	})
	venue.Revision, resource.Revision, resource.Touched, service.Revision, service.Touched = 3, 3, 3, 3, 3
	loaded := f.Load("salon")
	same(t, "revision", loaded.Revision, booking.Revision(3))
	same(t, "venue", loaded.Venue, venue)
	same(t, "resource", loaded.Resources[1], resource)
	same(t, "service", loaded.Services[2], service)
	same(t, "revision of what was not put", loaded.Resources[2].Revision, booking.Revision(1))
	same(t, "number of claims", len(loaded.Claims), 1)
}

func catalogueArchived(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	resource, service, venue := SampleResource("salon", Chair1), SampleService("salon", Cut, Chair1, Chair2), SampleVenue("salon")
	resource.Archived, service.Archived, venue.Archived = true, true, true
	f.Change("salon", func(d *Draft) { d.PutResource(resource); d.PutService(service) })
	loaded := f.Load("salon")
	same(t, "archived resource", loaded.Resources[1].Archived, true)
	same(t, "archived service", loaded.Services[1].Archived, true)
	same(t, "other resource", loaded.Resources[2].Archived, false)
	f.Change("salon", func(d *Draft) { d.PutVenue(venue) })
	same(t, "archived venue", f.Load("salon").Venue.Archived, true)
	if found := f.Find(store.Need{Venue: "salon"}); !found.Exists {
		t.Errorf("an archived venue is not found")
	}
}

func catalogueVenues(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	// In the order of their bytes, whatever the database's language.
	ids := []booking.VenueID{"0", "a", "a-b", "a0", "a_b", "ab", "z"}
	for _, i := range []int{4, 0, 6, 2, 5, 1, 3} {
		f.Change(ids[i], func(d *Draft) { d.PutVenue(SampleVenue(ids[i])) })
	}
	f.Change("a0", func(d *Draft) { d.PutVenue(SampleVenue("a0")) })
	archived := SampleVenue("archived")
	archived.Archived = true
	f.Change("archived", func(d *Draft) { d.PutVenue(archived) })
	list := func(after booking.VenueID, limit int) []booking.VenueID {
		venues, err := f.Store.Venues(t.Context(), after, limit)
		must(t, "venues", err)
		var got []booking.VenueID
		for _, v := range venues {
			want := SampleVenue(v.ID)
			want.Revision = f.Revision(v.ID)
			same(t, "venue "+string(v.ID), v, want)
			got = append(got, v.ID)
		}
		return got
	}
	same(t, "all venues", list("", 100), ids)
	same(t, "the first three", list("", 3), ids[:3])
	same(t, "two after the third", list(ids[2], 2), ids[3:5])
	same(t, "after one that does not exist", list("a-", 1), ids[2:3])
	same(t, "after the last", list("z", 10), nil)
}
