package storetest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
)

// A venue of the suite has two chairs and a basin. A cut takes either chair, a colouring the second chair, a wash the basin.
const (
	Chair1 booking.ResourceID = "chair-1"
	Chair2 booking.ResourceID = "chair-2"
	Basin  booking.ResourceID = "basin"

	Cut    booking.ServiceID = "cut"
	Colour booking.ServiceID = "colour"
	Wash   booking.ServiceID = "wash"
)

// Slot is the start of the suite's first slot; others are whole hours from it.
var Slot = time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC)

// PutCatalogue makes a venue with its resources and services, in one change.
func (f *Fixture) PutCatalogue(venue booking.VenueID) {
	f.Helper()
	f.Change(venue, func(d *Draft) { d.PutCatalogue() })
}

// PutCatalogue adds the entries that make a venue with its resources and services.
func (d *Draft) PutCatalogue() {
	venue := d.Change.Venue
	d.PutVenue(SampleVenue(venue))
	for _, id := range []booking.ResourceID{Chair1, Chair2, Basin} {
		d.PutResource(SampleResource(venue, id))
	}
	d.PutService(SampleService(venue, Cut, Chair1, Chair2))
	d.PutService(SampleService(venue, Colour, Chair2))
	d.PutService(SampleService(venue, Wash, Basin))
}

// PutVenue adds an entry with the venue's new settings.
func (d *Draft) PutVenue(v booking.Venue) {
	v.Revision = d.Change.Revision
	d.entry(booking.Entry{Kind: booking.VenuePut, Actor: "staff:suite", Venue: &v})
}

// PutResource adds an entry with a resource's new settings.
func (d *Draft) PutResource(r booking.Resource) {
	r.Revision = d.Change.Revision
	d.entry(booking.Entry{Kind: booking.ResourcePut, Actor: "staff:suite", Resource: &r})
}

// PutService adds an entry with a service's new settings.
func (d *Draft) PutService(s booking.Service) {
	s.Revision = d.Change.Revision
	d.entry(booking.Entry{Kind: booking.ServicePut, Actor: "staff:suite", Service: &s})
}

// Book adds a booking, new with this change, and the entry in which it takes its claims.
func (d *Draft) Book(b booking.Booking) {
	b.Revision = d.Change.Revision
	d.New = append(d.New, b)
	kind := booking.BookingConfirmed
	if b.Status == booking.Held {
		kind = booking.BookingHeld
	}
	d.transition(kind, b, 0, b.Claims, nil)
}

// Move gives a booking another status, and adds the entry in which it frees its claims if that status takes none.
func (d *Draft) Move(b booking.Booking, to booking.Status) {
	var frees []booking.Claim
	if b.Status.Claims() && !to.Claims() {
		frees = b.Claims
	}
	previous := b.Revision
	b.Status, b.Revision, b.UpdatedAt, b.ExpiresAt = to, d.Change.Revision, d.Found.Now, time.Time{}
	d.Changed = append(d.Changed, b)
	kind := map[booking.Status]booking.EntryKind{
		booking.Confirmed: booking.BookingConfirmed, booking.Cancelled: booking.BookingCancelled, booking.Expired: booking.BookingExpired,
	}[to]
	d.transition(kind, b, previous, nil, frees)
}

func (d *Draft) transition(kind booking.EntryKind, b booking.Booking, previous booking.Revision, claimed, released []booking.Claim) {
	t := &booking.BookingTransition{
		ID: b.ID, Service: b.Service, Status: b.Status, Start: b.Start, End: b.End, PartySize: b.PartySize, ExpiresAt: b.ExpiresAt,
		Previous: previous, Claimed: claimed, Released: released,
	}
	if len(claimed) == 0 && len(released) == 0 {
		t.Unchanged = b.Claims
	}
	d.entry(booking.Entry{Kind: kind, Actor: "public", Booking: t})
}

func (d *Draft) entry(e booking.Entry) { d.Change.Entries = append(d.Change.Entries, e) }

// SampleVenue is a venue with a value in every field.
func SampleVenue(id booking.VenueID) booking.Venue {
	return booking.Venue{
		ID: id, Name: "Salon " + string(id), TimeZone: "Europe/Berlin",
		Contact:        booking.Contact{Email: "desk@salon.example", Phone: "+49 30 123456"},
		AllowedOrigins: []string{"https://salon.example", "http://localhost:8080"},
	}
}

// SampleResource is a resource with a value in every field.
func SampleResource(venue booking.VenueID, id booking.ResourceID) booking.Resource {
	day := []booking.Period{{Open: 9 * 60, Close: 12*60 + 30}, {Open: 22 * 60, Close: 26 * 60}}
	return booking.Resource{
		Venue: venue, ID: id, Name: "The " + string(id), Capacity: 3, Order: 4,
		Schedule: booking.Schedule{
			Weekly: booking.WeeklyHours{time.Monday: day, time.Tuesday: day, time.Saturday: day[:1]},
			Exceptions: []booking.Exception{
				{Date: booking.Date{Year: 2026, Month: time.December, Day: 25}, Closed: true},
				{Date: booking.Date{Year: 2026, Month: time.December, Day: 31}, Hours: day[:1]},
			},
		},
	}
}

// SampleService is a service with a value in every field. It requires any one of the resources.
func SampleService(venue booking.VenueID, id booking.ServiceID, anyOf ...booking.ResourceID) booking.Service {
	few := 2
	return booking.Service{
		Venue: venue, ID: id, Name: "A " + string(id), Description: "First line.\nSecond line.",
		Price: &booking.Price{Amount: "25.00", Currency: "EUR"}, Color: "#2d6cdf",
		Duration: 45 * time.Minute, Step: 15 * time.Minute, BufferBefore: 5 * time.Minute, BufferAfter: 10 * time.Minute,
		Limits:    booking.Limits{HoldsPerClient: 5, BookingsPerClient: 40, BookingsPerContact: 3},
		MinNotice: 2 * time.Hour, HorizonDays: 90, PartySize: booking.PartySize{Min: 1, Max: 4}, HoldFor: 10 * time.Minute,
		LimitedBelow: &few, Requires: []booking.Requirement{{AnyOf: anyOf, Units: 2, PerPerson: true}}, Order: 7,
	}
}

// SampleBooking is a confirmed booking of a cut, with a value in every field that such a one has. n tells bookings apart: their
// ids ascend with it.
func SampleBooking(venue booking.VenueID, n int, start time.Time, resources ...booking.ResourceID) booking.Booking {
	b := booking.Booking{
		Venue: venue, ID: BookingID(n), Service: Cut, Status: booking.Confirmed,
		Start: start, End: start.Add(45 * time.Minute), WallStart: start.Add(time.Hour).Format("2006-01-02T15:04:05"), PartySize: 2,
		Extensions: 1, Customer: booking.Customer{Name: "Ada Lovelace", Email: "ada@example.com", Phone: "+44 20 7946 0000", Note: "Quietly."},
		TokenHash: sha256.Sum256([]byte(BookingID(n))), CreatedAt: Morning, UpdatedAt: Morning,
		EndedBy: booking.ByVenue,
	}
	for _, id := range resources {
		b.Claims = append(b.Claims, booking.Claim{
			Resource: id, Start: start.Add(-5 * time.Minute), End: b.End.Add(10 * time.Minute), Units: 1,
		})
	}
	return b
}

// SampleHold is [SampleBooking] as a hold that expires.
func SampleHold(venue booking.VenueID, n int, start, expires time.Time, resources ...booking.ResourceID) booking.Booking {
	b := SampleBooking(venue, n, start, resources...)
	b.Status, b.ExpiresAt, b.Customer = booking.Held, expires, booking.Customer{}
	return b
}

// BookingID is the id of the n-th sample.
func BookingID(n int) booking.BookingID { return booking.BookingID(fmt.Sprintf("bk_%08d", n)) }

// SampleAnswer is an answer whose key and content n tells apart.
func SampleAnswer(n int, created time.Time) booking.Answer {
	text := fmt.Sprintf("answer %d", n)
	return booking.Answer{
		Key: booking.AnswerKey(sha256.Sum256([]byte(text))), Request: sha256.Sum256([]byte(text + "?")),
		Sealed: []byte(text + "\x00\xff"), CreatedAt: created,
	}
}

// idsOf are the ids of bookings, in their order.
func idsOf(bookings []booking.Booking) []booking.BookingID {
	ids := make([]booking.BookingID, len(bookings))
	for i, b := range bookings {
		ids[i] = b.ID
	}
	return ids
}

// sampleIDs are the ids of samples.
func sampleIDs(ns ...int) []booking.BookingID {
	ids := make([]booking.BookingID, len(ns))
	for i, n := range ns {
		ids[i] = BookingID(n)
	}
	return ids
}

// sorted is a sorted copy of claims, to compare where no order is promised.
func sorted(claims []booking.Claim) []booking.Claim {
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(a, b booking.Claim) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), strings.Compare(string(a.Resource), string(b.Resource)))
	})
	return claims
}
