package venuefile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vacancy/client"
	"vacancy/internal/booking"
)

// What the server puts in place of what a definition leaves out. A file that leaves it out means this.
const (
	defaultHorizonDays = 90
	defaultHoldMinutes = 10
	defaultUnits       = 1
)

// field is one setting as a person reads it.
type field struct {
	name, value string
}

func venueFields(v client.Venue) []field {
	return []field{
		{"name", v.Name},
		{"time_zone", v.TimeZone},
		{"contact.email", v.Contact.Email},
		{"contact.phone", v.Contact.Phone},
		{"allowed_origins", strings.Join(v.AllowedOrigins, ", ")},
	}
}

func resourceFields(r client.Resource) []field {
	fields := []field{{"name", r.Name}, {"capacity", strconv.Itoa(r.Capacity)}}
	for _, day := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		fields = append(fields, field{"hours." + day, strings.Join(r.Hours[day], ", ")})
	}
	for day, hours := range r.Hours { // the server names the words that are no weekday
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == "hours."+day }) {
			fields = append(fields, field{"hours." + day, strings.Join(hours, ", ")})
		}
	}
	exceptions := slices.SortedStableFunc(slices.Values(r.Exceptions), func(a, b client.Exception) int {
		return cmp.Compare(a.Date, b.Date)
	})
	for _, e := range exceptions {
		hours := e.Hours
		if e.Closed {
			hours = append([]string{"closed"}, hours...)
		}
		fields = append(fields, field{"exceptions." + e.Date, strings.Join(hours, ", ")})
	}
	return append(fields, field{"order", strconv.Itoa(r.Order)})
}

func serviceFields(s client.Service) []field {
	price, limited := "", ""
	if s.Price != nil {
		normal := booking.Price{Amount: s.Price.Amount, Currency: s.Price.Currency}.Normalize()
		price = normal.Amount + " " + normal.Currency
	}
	if s.LimitedBelow != nil {
		limited = strconv.Itoa(*s.LimitedBelow)
	}
	return append([]field{
		{"name", s.Name},
		{"description", s.Description},
		{"price", price},
		{"color", s.Color},
		{"duration_minutes", strconv.Itoa(s.DurationMinutes)},
		{"step_minutes", strconv.Itoa(cmp.Or(s.StepMinutes, min(s.DurationMinutes, booking.MinutesPerDay)))},
		{"buffer_before_minutes", strconv.Itoa(s.BufferBeforeMinutes)},
		{"buffer_after_minutes", strconv.Itoa(s.BufferAfterMinutes)},
		{"min_notice_minutes", strconv.Itoa(s.MinNoticeMinutes)},
		{"horizon_days", strconv.Itoa(cmp.Or(s.HorizonDays, defaultHorizonDays))},
		{"party_size", fmt.Sprintf("%d to %d", cmp.Or(s.PartySize.Min, 1), cmp.Or(s.PartySize.Max, s.PartySize.Min, 1))},
		{"hold_minutes", strconv.Itoa(cmp.Or(s.HoldMinutes, defaultHoldMinutes))},
		{"limited_below", limited},
		{"limits.holds_per_client", number(s.Limits.HoldsPerClient)},
		{"limits.bookings_per_client", number(s.Limits.BookingsPerClient)},
		{"limits.bookings_per_contact", number(s.Limits.BookingsPerContact)},
		{"order", strconv.Itoa(s.Order)},
	}, requirementFields(s.Requires)...)
}

// number is empty for what is left to the server.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func requirementFields(requires []client.Requirement) []field {
	fields := make([]field, len(requires))
	for i, r := range requires {
		fields[i] = field{fmt.Sprintf("requires[%d]", i), requirementText(r)}
	}
	return fields
}

// requirementText reads the same for a single resource and for a pool of one.
func requirementText(r client.Requirement) string {
	members := r.AnyOf
	if r.Resource != "" {
		members = append([]string{r.Resource}, members...)
	}
	each := "booking"
	if r.PerPerson {
		each = "person"
	}
	return fmt.Sprintf("%d of %s for each %s", cmp.Or(r.Units, defaultUnits), strings.Join(members, " or "), each)
}

// Difference is a setting that the file wants otherwise than the server has it. An empty side stands for nothing.
type Difference struct {
	Field    string
	Old, New string
}

// compare lists the settings that are not the same, in the order of the new ones; then those that are new no more.
func compare(old, want []field) []Difference {
	was := make(map[string]string, len(old))
	for _, f := range old {
		was[f.name] = f.value
	}
	var differences []Difference
	for _, f := range want {
		if was[f.name] != f.value {
			differences = append(differences, Difference{f.name, was[f.name], f.value})
		}
		delete(was, f.name)
	}
	for _, f := range old {
		if value, gone := was[f.name]; gone && value != "" {
			differences = append(differences, Difference{f.name, value, ""})
		}
	}
	return differences
}
