package venuefile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vacancy/client"
	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// Check is nil if the values of the document keep the server's rules, as far as they can be judged without a server: each value for
// itself, and services against the resources of the file. The error joins a [*FileError] for each that does not.
func (d Document) Check() error {
	c := &documentCheck{document: d}
	c.judge("venue", c.venue().Validate())
	resources := make(map[booking.ResourceID]booking.Resource, len(d.Resources))
	doubtful := make(map[booking.ResourceID]bool)
	for i := range d.Resources {
		field := resourceField(i)
		before := len(c.fileErrors)
		r := c.resource(field, d.Resources[i])
		c.judge(field, r.Validate())
		resources[r.ID], doubtful[r.ID] = r, len(c.fileErrors) > before
	}
	for i := range d.Services {
		field := serviceField(i)
		s := c.service(field, d.Services[i])
		ofDoubtful := slices.ContainsFunc(d.Resources, func(r client.Resource) bool {
			return doubtful[booking.ResourceID(r.ID)] && s.Uses(booking.ResourceID(r.ID))
		})
		if c.judge(field, s.Validate()) && !ofDoubtful { // what follows from a mistake is none of its own
			c.judge(field, availability.CheckSettings(s, resources))
		}
	}
	slices.SortStableFunc(c.fileErrors, func(a, b *FileError) int { return a.Line - b.Line })
	all := make([]error, 0, len(c.fileErrors))
	for _, m := range c.fileErrors {
		all = append(all, m)
	}
	return errors.Join(all...)
}

// unworkable says of services why nothing can be booked of them as the file has their resources, such as those that have no hours yet.
func (d Document) unworkable(now time.Time) map[string][]string {
	c := &documentCheck{document: d}
	zone, err := booking.LoadZone(d.Venue.TimeZone)
	if err != nil {
		return nil // Check says so
	}
	resources := make(map[booking.ResourceID]booking.Resource, len(d.Resources))
	for i := range d.Resources {
		r := c.resource(resourceField(i), d.Resources[i])
		resources[r.ID] = r
	}
	wrong := make(map[string][]string)
	for i, s := range d.Services {
		service := c.service(serviceField(i), s)
		for _, f := range availability.Unworkable(service, resources, booking.DateOf(now.In(zone))) {
			wrong[s.ID] = append(wrong[s.ID], f.Field+" "+f.Message)
		}
	}
	return wrong
}

// resourceField and serviceField are where the parts of a file stand.
func resourceField(i int) string { return fmt.Sprintf("resources[%d]", i) }
func serviceField(i int) string  { return fmt.Sprintf("services[%d]", i) }

// documentCheck turns a document into the domain's values, and gathers what is wrong with them.
type documentCheck struct {
	document   Document
	fileErrors []*FileError
}

func (c *documentCheck) refuse(field, format string, args ...any) {
	c.fileErrors = append(c.fileErrors, &FileError{c.document.Name, c.document.line(field), field + " " + fmt.Sprintf(format, args...)})
}

// judge notes what is wrong with a part, which stands at a field; false if anything is.
func (c *documentCheck) judge(part string, err error) bool {
	invalid, ok := errors.AsType[*booking.Invalid](err)
	if !ok {
		return err == nil
	}
	for _, f := range invalid.Fields {
		field := part + "." + f.Field
		if single, ok := strings.CutSuffix(field, ".any_of[0]"); ok && !c.document.has(field) {
			field = single + ".resource" // a single resource is a pool of one to the domain
		}
		switch {
		case f.Message == "" || c.refused(field):
		case !c.document.has(field) && !strings.HasSuffix(field, "]"): // a field, and no entry of a list
			c.refuse(field, "is missing: it %s", f.Message)
		default:
			c.refuse(field, "%s", f.Message)
		}
	}
	return false
}

// refused tells whether something is wrong with a field, or with a part of it, already: one reason is enough.
func (c *documentCheck) refused(field string) bool {
	return slices.ContainsFunc(c.fileErrors, func(m *FileError) bool {
		at, _, _ := strings.Cut(m.Message, " ")
		return at == field || strings.HasPrefix(at, field+"[") || strings.HasPrefix(at, field+".")
	})
}

func (c *documentCheck) venue() booking.Venue {
	v := c.document.Venue
	return booking.Venue{
		ID: booking.VenueID(v.ID), Name: v.Name, TimeZone: v.TimeZone, Contact: booking.Contact(v.Contact), AllowedOrigins: v.AllowedOrigins,
	}
}

func (c *documentCheck) resource(field string, r client.Resource) booking.Resource {
	resource := booking.Resource{
		Venue: booking.VenueID(c.document.Venue.ID), ID: booking.ResourceID(r.ID), Name: r.Name, Capacity: r.Capacity, Order: r.Order,
	}
	for word, periods := range r.Hours {
		at := field + ".hours." + word
		if day := slices.Index(booking.Weekdays[:], word); day >= 0 {
			resource.Schedule.Weekly[day] = c.periods(at, periods)
		} else {
			c.refuse(at, "is not a weekday: mon, tue, wed, thu, fri, sat or sun")
		}
	}
	for i, e := range r.Exceptions {
		at := fmt.Sprintf("%s.exceptions[%d]", field, i)
		date, err := booking.ParseDate(e.Date)
		if err != nil {
			c.refuse(at+".date", "must be a date such as 2026-11-24")
		}
		resource.Schedule.Exceptions = append(resource.Schedule.Exceptions, booking.Exception{
			Date: date, Closed: e.Closed, Hours: c.periods(at+".hours", e.Hours),
		})
	}
	return resource
}

func (c *documentCheck) periods(field string, texts []string) (periods []booking.Period) {
	for i, text := range texts {
		p, err := booking.ParsePeriod(text)
		if err != nil {
			c.refuse(fmt.Sprintf("%s[%d]", field, i), "%v", err)
			continue
		}
		periods = append(periods, p)
	}
	return periods
}

// service has the server's defaults for what the file leaves out.
func (c *documentCheck) service(field string, s client.Service) booking.Service {
	service := booking.Service{
		Venue: booking.VenueID(c.document.Venue.ID), ID: booking.ServiceID(s.ID), Name: s.Name, Description: s.Description, Color: s.Color,
		Duration: minutes(s.DurationMinutes), Step: minutes(s.StepMinutes),
		BufferBefore: minutes(s.BufferBeforeMinutes), BufferAfter: minutes(s.BufferAfterMinutes),
		MinNotice: minutes(s.MinNoticeMinutes), HorizonDays: s.HorizonDays,
		PartySize: booking.PartySize(s.PartySize), HoldFor: minutes(s.HoldMinutes), LimitedBelow: s.LimitedBelow,
		Limits: booking.Limits(s.Limits), Order: s.Order,
	}
	if s.StepMinutes == 0 {
		service.Step = booking.DefaultStep(service.Duration)
	}
	if s.HorizonDays == 0 {
		service.HorizonDays = booking.DefaultHorizonDays
	}
	if s.HoldMinutes == 0 {
		service.HoldFor = booking.DefaultHold
	}
	if s.PartySize == (client.PartySize{}) {
		service.PartySize = booking.PartySize{Min: 1, Max: 1}
	}
	if s.Price != nil {
		service.Price = &booking.Price{Amount: s.Price.Amount, Currency: s.Price.Currency}
	}
	for i, r := range s.Requires {
		service.Requires = append(service.Requires, c.requirement(fmt.Sprintf("%s.requires[%d]", field, i), r))
	}
	return service
}

func (c *documentCheck) requirement(field string, r client.Requirement) booking.Requirement {
	requirement := booking.Requirement{Units: r.Units, PerPerson: r.PerPerson}
	if r.Units == 0 {
		requirement.Units = defaultUnits
	}
	for _, id := range r.AnyOf {
		requirement.AnyOf = append(requirement.AnyOf, booking.ResourceID(id))
	}
	if (r.Resource != "") == c.document.has(field+".any_of") {
		c.refuse(field, "must have either resource or any_of")
	} else if r.Resource != "" {
		requirement.AnyOf = []booking.ResourceID{booking.ResourceID(r.Resource)}
	}
	return requirement
}

func minutes(n int) time.Duration {
	return time.Duration(min(max(n, -maxMinutes), maxMinutes)) * time.Minute
}
