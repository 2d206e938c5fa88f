// Package venuefile reads a venue with its resources and services from a YAML file, and puts them on a server through the public
// API. It is what `vacancy apply` and `vacancy serve --demo` do.
//
//	venue:
//	  id: yoga
//	  name: Courtyard Yoga
//	  time_zone: Asia/Kolkata
//	resources:
//	  - id: hall
//	    name: Hall
//	    capacity: 12
//	    hours: { mon: ["06:00-09:00"], wed: ["06:00-09:00"] }
//	services:
//	  - id: hatha
//	    name: Hatha class
//	    duration_minutes: 60
//	    step_minutes: 60
//	    requires: [{ resource: hall, per_person: true }]
//
// The fields are the API's. [Parse] refuses others, and says where in the file each mistake is. [Apply] compares the file with
// what the server has, changes what differs, and tells what that was:
//
//	document, err := venuefile.Parse("yoga.yaml", data)
//	...
//	report, err := venuefile.Apply(ctx, c, document, venuefile.Options{})
//	fmt.Print(report)
//
// Applying the same file again changes nothing. What the server has and the file does not mention is shown, and
// left alone unless it is to be pruned.
//
// The package imports package client, a YAML library, and the rules of the domain: booking, availability and clean.
package venuefile
