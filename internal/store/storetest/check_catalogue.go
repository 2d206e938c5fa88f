package storetest

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var catalogueChecks = []check{
	{"catalogue/every field comes back", catalogueFields},
	{"catalogue/little or nothing in a field", catalogueSparse},
	{"catalogue/replaced", catalogueReplaced},
	{"catalogue/archived", catalogueArchived},
	{"catalogue/venues are listed by id", catalogueVenues},
}

func catalogueFields(f *Fixture) {
	f.PutCatalogue("salon")
	loaded := f.Load("salon")
	venue := SampleVenue("salon")
	venue.Revision = 1
	f.same("venue", loaded.Venue, venue)
	resources := make([]booking.Resource, 0, 3)
	for _, id := range []booking.ResourceID{Basin, Chair1, Chair2} { // by id
		r := SampleResource("salon", id)
		r.Revision = 1
		resources = append(resources, r)
	}
	f.same("resources", loaded.Resources, resources)
	services := []booking.Service{
		SampleService("salon", Colour, Chair2), SampleService("salon", Cut, Chair1, Chair2), SampleService("salon", Wash, Basin),
	}
	for i := range services {
		services[i].Revision = 1
	}
	f.same("services", loaded.Services, services)
}

func catalogueSparse(f *Fixture) {
	zero := 0
	venue := booking.Venue{ID: "salon", Name: "S", TimeZone: "UTC"}
	resource := booking.Resource{Venue: "salon", ID: "r", Name: "R", Capacity: booking.MaxCapacity}
	service := booking.Service{
		Venue: "salon", ID: "s", Name: "S", Duration: booking.MaxDuration, Step: time.Minute, HorizonDays: 1,
		PartySize: booking.PartySize{Min: 1, Max: 1}, HoldFor: time.Minute,
		Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"r"}, Units: 1}},
	}
	none := service
	none.ID, none.LimitedBelow = "t", &zero
	f.Change("salon", func(d *Draft) {
		d.PutVenue(venue)
		d.PutResource(resource)
		d.PutService(service)
		d.PutService(none)
	})
	venue.Revision, resource.Revision = 1, 1
	service.Revision, none.Revision = 1, 1
	loaded := f.Load("salon")
	f.same("venue", loaded.Venue, venue)
	f.same("resources", loaded.Resources, []booking.Resource{resource})
	f.same("services", loaded.Services, []booking.Service{service, none})
	if s := loaded.Services[0]; s.Price != nil || s.LimitedBelow != nil {
		f.Errorf("a service without price and limit came back with price %v and limit %v", s.Price, s.LimitedBelow)
	}
	if loaded.Services[1].LimitedBelow == nil {
		f.Errorf("a limit of zero came back as none")
	}
}

func catalogueReplaced(f *Fixture) {
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
	venue.Revision, resource.Revision, service.Revision = 3, 3, 3
	loaded := f.Load("salon")
	f.same("revision", loaded.Revision, booking.Revision(3))
	f.same("venue", loaded.Venue, venue)
	f.same("resource", loaded.Resources[1], resource)
	f.same("service", loaded.Services[2], service)
	f.same("revision of what was not put", loaded.Resources[2].Revision, booking.Revision(1))
	f.same("number of claims", len(loaded.Claims), 1)
}

func catalogueArchived(f *Fixture) {
	f.PutCatalogue("salon")
	resource, service, venue := SampleResource("salon", Chair1), SampleService("salon", Cut, Chair1, Chair2), SampleVenue("salon")
	resource.Archived, service.Archived, venue.Archived = true, true, true
	f.Change("salon", func(d *Draft) { d.PutResource(resource); d.PutService(service) })
	loaded := f.Load("salon")
	f.same("archived resource", loaded.Resources[1].Archived, true)
	f.same("archived service", loaded.Services[1].Archived, true)
	f.same("other resource", loaded.Resources[2].Archived, false)
	f.Change("salon", func(d *Draft) { d.PutVenue(venue) })
	f.same("archived venue", f.Load("salon").Venue.Archived, true)
	if found := f.Find(store.Need{Venue: "salon"}); !found.Exists {
		f.Errorf("an archived venue is not found")
	}
}

func catalogueVenues(f *Fixture) {
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
		venues, err := f.Store.Venues(f.Context(), after, limit)
		f.must("venues", err)
		got := make([]booking.VenueID, 0, len(venues))
		for _, v := range venues {
			want := SampleVenue(v.ID)
			want.Revision = f.Revision(v.ID)
			f.same("venue "+string(v.ID), v, want)
			got = append(got, v.ID)
		}
		return got
	}
	f.same("all venues", list("", 100), ids)
	f.same("the first three", list("", 3), ids[:3])
	f.same("two after the third", list(ids[2], 2), ids[3:5])
	f.same("after one that does not exist", list("a-", 1), ids[2:3])
	f.same("after the last", list("z", 10), nil)
}
