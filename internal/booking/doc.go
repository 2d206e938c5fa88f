// Package booking is the domain: the words of Vacancy as plain values, the rules that need nothing but those values, and the
// errors by meaning. It imports the standard library only, and every other room imports it.
//
// A [Venue] is the tenant boundary and the unit of order. Its catalogue is made of [Resource]s and [Service]s; a [Booking] of a
// service takes [Claim]s on resources. Everything that happens in one transaction to a venue is one [Change], which raises the
// venue's [Revision] by one.
//
//	svc := booking.Service{ID: "cut", Name: "Haircut", Duration: 30 * time.Minute, ...}
//	if err := svc.Validate(); err != nil {
//		var invalid *booking.Invalid // names every field that is wrong
//		errors.As(err, &invalid)
//	}
package booking
