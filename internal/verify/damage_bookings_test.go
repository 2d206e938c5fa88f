package verify_test

import (
	"slices"
	"time"

	"vacancy/internal/booking"
)

var transitionDamage = []damage{
	{"a step of no kind", func(r *record) {
		_, e := r.kind(booking.BookingCancelled)
		e.Kind = "booking.lost"
	}, `"booking.lost" is no step of a booking`},
	{
		"a step to another status", func(r *record) { r.transition(booking.BookingExtended).Status = booking.Confirmed },
		`booking.extended leaves it "confirmed"`,
	},
	{"a history that begins late", func(r *record) {
		_, e := r.kind(booking.BookingHeld)
		e.Kind = booking.BookingExtended
	}, "its history begins with booking.extended"},
	{"a second beginning", func(r *record) {
		_, e := r.kind(booking.BookingCancelled)
		e.Kind, e.Booking.Status = booking.BookingHeld, booking.Held
	}, `booking.held comes when it is "held"`},
	{"a step after the last", func(r *record) {
		c, e := r.kind(booking.BookingCancelled)
		again := *e.Booking
		again.Status, again.Released = booking.Confirmed, nil
		c.Entries = append(c.Entries, booking.Entry{Kind: booking.BookingConfirmed, Booking: &again})
	}, `booking.confirmed comes when it is "cancelled"`},
	{"an expiry of what is confirmed", func(r *record) {
		_, e := r.nth(booking.BookingCancelled, 1)
		e.Kind, e.Booking.Status = booking.BookingExpired, booking.Expired
	}, `booking.expired comes when it is "confirmed"`},
	{"another service on the way", func(r *record) { r.transition(booking.BookingExtended).Service = "class" }, "its service becomes class"},
	{
		"a booking of no service", func(r *record) { r.transition(booking.BookingConfirmed).Service = "trip" },
		"it is of service trip, which there is not",
	},
	{"a booking of an archived service", func(r *record) {
		_, e := r.kind(booking.ServicePut)
		e.Service.Archived = true
		_, e = r.nth(booking.ServicePut, 1)
		e.Service.Archived = true
	}, "it is made when its service is archived"},
	{
		"a booking that takes nothing", func(r *record) { r.transition(booking.BookingConfirmed).Claimed = nil },
		"it takes 0 claims, and service class requires 1",
	},
	{"a claim of what is not required", func(r *record) {
		r.reclaim(r.on("chair-1", slot(2, 0)), func(c *booking.Claim) { c.Resource = "hall" })
	}, "of hall from 2026-11-26T08:00:00Z to 2026-11-26T08:40:00Z, which service cut does not require for a party of 1"},
	{"too few units for the party", func(r *record) {
		r.reclaim(r.on("hall", slot(3, 0)), func(c *booking.Claim) { c.Units = 1 })
	}, "it takes 1 unit of hall from 2026-11-27T08:00:00Z to 2026-11-27T08:40:00Z, which service class does not require for a party of 3"},
	{"a claim of what there is not", func(r *record) {
		r.reclaim(r.on("chair-1", slot(2, 0)), func(c *booking.Claim) { c.Resource = "boat" })
	}, "1 unit of boat from 2026-11-26T08:00:00Z to 2026-11-26T08:40:00Z, which there is not"},
	{"a claim of an archived resource", func(r *record) {
		for n := range 3 {
			_, e := r.nth(booking.ResourcePut, n)
			e.Resource.Archived = true
		}
	}, "which is archived"},
	{"a claim that frees what it has not", func(r *record) {
		s := r.transition(booking.BookingCancelled)
		s.Released = slices.Clone(s.Released)
		s.Released[0].Units = 2
	}, "it frees 2 units of"},
	{"a claim freed twice", func(r *record) {
		s := r.transition(booking.BookingCancelled)
		s.Released = append(slices.Clone(s.Released), s.Released...)
	}, "which it does not have"},
	{
		"a claim that is never freed", func(r *record) { r.transition(booking.BookingCancelled).Released = nil },
		"it is cancelled, and keeps 1 claim",
	},
	{"a claim taken twice", func(r *record) {
		extended := r.transition(booking.BookingExtended)
		extended.Claimed = r.transition(booking.BookingCancelled).Released
	}, "a second time"},
	{"a claim of part of a second", func(r *record) {
		r.reclaim(r.on("chair-1", slot(2, 0)), func(c *booking.Claim) { c.Start = c.Start.Add(-time.Microsecond) })
	}, "whole seconds"},
	{"a claim for ever", func(r *record) {
		r.reclaim(r.on("chair-1", slot(2, 0)), func(c *booking.Claim) { c.End = c.End.AddDate(5000, 0, 0) })
	}, "it lasts longer than any booking"},
	{"two on one chair", func(r *record) {
		r.reclaim(r.on("chair-2", slot(2, 0)), func(c *booking.Claim) { c.Resource = "chair-1" })
	}, "it takes 1 unit of chair-1 from 2026-11-26T08:00:00Z to 2026-11-26T08:40:00Z: with it 2 units are taken of 1"},
	{"two on one chair for a second", func(r *record) {
		later := r.on("chair-1", slot(2, 2))
		r.reclaim(later, func(c *booking.Claim) { c.Start = slot(2, 0).Add(40*time.Minute - time.Second) })
	}, "with it 2 units are taken of 1"},
}

var bookingDamage = []damage{
	{"a booking is missing", func(r *record) {
		id := r.class().ID
		r.bookings = slices.DeleteFunc(r.bookings, func(b booking.Booking) bool { return b.ID == id })
	}, "changes made it, but it is not stored"},
	{"a booking of no change", func(r *record) {
		b := r.bookings[0]
		b.ID = "bk_none"
		r.bookings = append(r.bookings, b)
	}, "booking bk_none: it is stored, but no change made it"},
	{"a booking twice", func(r *record) { r.bookings = slices.Insert(r.bookings, 1, r.bookings[0]) }, "it is stored twice"},
	{
		"a cancellation that is forgotten", func(r *record) { r.status(booking.Cancelled).Status = booking.Confirmed },
		`it is "confirmed", and its history left it "cancelled"`,
	},
	{
		"a status of its own", func(r *record) { r.status(booking.Confirmed).Status = "lost" },
		`it is "lost", and its history left it "confirmed"`,
	},
	{"a booking of another revision", func(r *record) { r.class().Revision++ }, "was its last, and that was change"},
	{"a booking of another service", func(r *record) { r.class().Service = "cut" }, "it is of service cut, and was made of class"},
	{"another start", func(r *record) { r.class().Start = r.class().Start.Add(time.Second) }, "and its history has 2026-11-24T10:00:00Z"},
	{
		"another wall time", func(r *record) { r.class().WallStart = "2026-11-24T11:30:00" },
		"its wall time is 2026-11-24T11:30:00, and the clock of Europe/Berlin shows 2026-11-24T11:00:00 at its start",
	},
	{"the wall time of UTC", func(r *record) { r.class().WallStart = "2026-11-24T10:00:00" }, "its wall time is 2026-11-24T10:00:00"},
	{
		"a wall time of summer", func(r *record) { r.class().WallStart = "2026-11-24T12:00:00" },
		"its wall time is 2026-11-24T12:00:00, and the clock of Europe/Berlin shows 2026-11-24T11:00:00 at its start; 1 booking",
	},
	{"a wall time of another day", func(r *record) { r.class().WallStart = "2026-11-25T11:00:00" }, "its wall time is 2026-11-25T11:00:00"},
	{"a wall time with an offset", func(r *record) { r.class().WallStart = "2026-11-24T11:00:00Z" }, "its wall time is none"},
	{"no wall time", func(r *record) { r.class().WallStart = "" }, "its wall time is none"},
	{"another party", func(r *record) { r.class().PartySize = 9 }, "it is for a party of 9, and its history has 10"},
	{"another count of extensions", func(r *record) { r.class().Extensions = 2 }, "it was extended 2 times, and it was 0 times"},
	{"other claims", func(r *record) { r.class().Claims[0].Units = 9 }, "its claims are not those that its history took"},
	{"no claims", func(r *record) { r.status(booking.Cancelled).Claims = nil }, "its claims are not those that its history took"},
	{"a booking of another venue", func(r *record) { r.class().Venue = "club" }, "it is of venue club"},
	{"an end before the start", func(r *record) { r.class().End = r.class().Start }, "not after it starts"},
	{"an end after the claims", func(r *record) { r.class().End = r.class().End.Add(time.Hour) }, "and lasts longer"},
	{"a hold without expiry", func(r *record) { r.status(booking.Held).ExpiresAt = time.Time{} }, "it is a hold that never expires"},
	{
		"a confirmed booking that expires", func(r *record) { r.status(booking.Confirmed).ExpiresAt = slot(0, 0) },
		`it is "confirmed", and expires`,
	},
	{"bookings beyond every capacity", func(r *record) {
		b := r.bookings[slices.IndexFunc(r.bookings, func(b booking.Booking) bool { return b.Start.Equal(slot(2, 0)) })]
		b.ID = "bk_none"
		r.bookings = append(r.bookings, b)
	}, "its bookings take 2 units between 2026-11-26T08:00:00Z and 2026-11-26T08:40:00Z, and it never had more than 1"},
}

var claimDamage = []damage{
	{"a claim that takes no room", func(r *record) { r.active = r.active[1:] }, "and its claims take no room"},
	{
		"less room than is booked", func(r *record) { r.claim().Units-- },
		"resource hall: its bookings take more than the claims that take room",
	},
	{
		"other claims than the history's", func(r *record) { r.claim().Units-- },
		"the claims that take room are not those that its history took",
	},
	{"a claim of a cancelled booking", func(r *record) {
		b := r.status(booking.Cancelled)
		r.active = append(r.active, active{b.ID, b.Claims[0]})
	}, "it is cancelled, and its claims still take room"},
	{"more room than is booked", func(r *record) {
		b := r.status(booking.Cancelled)
		r.active = append(r.active, active{b.ID, b.Claims[0]})
	}, "claims take room that its bookings do not take, such as 1 unit of chair-"},
	{"a claim of no booking", func(r *record) {
		r.active = append(r.active, active{"bk_none", r.claim().Claim})
	}, "booking bk_none: its claims take room, but no change made it"},
	{"a claim twice", func(r *record) { r.active = append(r.active, *r.claim()) }, "its claims take room twice"},
	{
		"a claim of another resource", func(r *record) { r.claim().Resource = "boat" },
		"resource boat: claims take room that its bookings do not take",
	},
}
