package livetest

import (
	"time"

	"vacancy/internal/booking"
)

// Barber is a venue with a pool of two, ann and ben, and the service "cut": half an hour, ten minutes to clean up after it, an hour's
// notice, bookable for seven days. With ann there is "dye" too: two hours, bookable for thirty days. It opens at 09:00 and closes at
// 17:00 in Berlin.
func Barber() (booking.VenueID, []booking.Entry) {
	hours := Daily(9*60, 17*60)
	return "barber", []booking.Entry{
		{Kind: booking.VenuePut, Venue: &booking.Venue{ID: "barber", Name: "Barber", TimeZone: "Europe/Berlin"}},
		{Kind: booking.ResourcePut, Resource: &booking.Resource{Venue: "barber", ID: "ann", Name: "Ann", Capacity: 1, Schedule: hours}},
		{Kind: booking.ResourcePut, Resource: &booking.Resource{Venue: "barber", ID: "ben", Name: "Ben", Capacity: 1, Schedule: hours}},
		{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: "barber", ID: "cut", Name: "Haircut", Duration: 30 * time.Minute, Step: 30 * time.Minute, BufferAfter: 10 * time.Minute,
			MinNotice: time.Hour, HorizonDays: 7, PartySize: booking.PartySize{Min: 1, Max: 1}, HoldFor: 10 * time.Minute,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"ann", "ben"}, Units: 1}},
		}},
		{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: "barber", ID: "dye", Name: "Dye", Duration: 2 * time.Hour, Step: time.Hour, HorizonDays: 30,
			PartySize: booking.PartySize{Min: 1, Max: 1}, HoldFor: 10 * time.Minute,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"ann"}, Units: 1}},
		}},
	}
}

// Ferry is a venue with one boat for twelve and the service "trip", which takes people: an hour, every hour from 08:00 to 20:00 in
// Berlin, for parties of one to five.
func Ferry() (booking.VenueID, []booking.Entry) {
	return "ferry", []booking.Entry{
		{Kind: booking.VenuePut, Venue: &booking.Venue{ID: "ferry", Name: "Ferry", TimeZone: "Europe/Berlin"}},
		{Kind: booking.ResourcePut, Resource: &booking.Resource{
			Venue: "ferry", ID: "boat", Name: "Boat", Capacity: 12, Schedule: Daily(8*60, 20*60),
		}},
		{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: "ferry", ID: "trip", Name: "Trip", Duration: time.Hour, Step: time.Hour, HorizonDays: 90,
			PartySize: booking.PartySize{Min: 1, Max: 5}, HoldFor: 10 * time.Minute,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"boat"}, Units: 1, PerPerson: true}},
		}},
	}
}

// Daily is a schedule with the same hours on each day, in minutes after midnight.
func Daily(opens, closes int) (s booking.Schedule) {
	for day := range s.Weekly {
		s.Weekly[day] = []booking.Period{{Open: opens, Close: closes}}
	}
	return s
}
