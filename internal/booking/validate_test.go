package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
)

var tuesday = booking.Date{Year: 2026, Month: time.November, Day: 24}

func goodVenue() booking.Venue {
	return booking.Venue{
		ID: "salon", Name: "Salon Élan", TimeZone: "Europe/Berlin",
		Contact:        booking.Contact{Email: "hello@salon.example", Phone: "+49 30 1234-567"},
		AllowedOrigins: []string{"https://salon.example", "http://localhost:5173"},
	}
}

func goodResource() booking.Resource {
	return booking.Resource{
		Venue: "salon", ID: "anna", Name: "Anna", Capacity: 1,
		Schedule: booking.Schedule{
			Weekly: booking.WeeklyHours{
				time.Monday:   {{Open: 540, Close: 720}, {Open: 720, Close: 1020}},
				time.Saturday: {{Open: 1320, Close: 1560}},
				time.Sunday:   {{Open: 120, Close: 600}}, // begins when Saturday's ends
			},
			Exceptions: []booking.Exception{
				{Date: tuesday, Closed: true},
				{Date: tuesday.AddDays(1), Hours: []booking.Period{{Open: 600, Close: 660}}},
			},
		},
	}
}

func goodService() booking.Service {
	below := 2
	return booking.Service{
		Venue: "salon", ID: "cut", Name: "Cut", Description: "Wash,\n\tcut.", Price: &booking.Price{Amount: "25.00", Currency: "EUR"},
		Color: "#2d6cdf", Duration: 30 * time.Minute, Step: 15 * time.Minute, BufferAfter: 10 * time.Minute,
		MinNotice: time.Hour, HorizonDays: 90, PartySize: booking.PartySize{Min: 1, Max: 2}, HoldFor: 10 * time.Minute,
		LimitedBelow: &below, Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"anna", "ben"}, Units: 1}},
	}
}

// complaints are the fields that err names.
func complaints(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *booking.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("%v is not an Invalid", err)
	}
	var fields []string
	for _, f := range invalid.Fields {
		fields = append(fields, f.Field)
		if f.Message == "" || !strings.Contains(err.Error(), f.Field+": "+f.Message) {
			t.Errorf("the complaint about %s says %q", f.Field, f.Message)
		}
	}
	return slices.Compact(fields)
}

// rule breaks one rule of a good value, and says which field is named.
type rule[T any] struct {
	name  string
	spoil func(*T)
	field string // "" if it is no breach
}

func checkRules[T any](t *testing.T, good func() T, validate func(T) error, rules []rule[T]) {
	t.Helper()
	if err := validate(good()); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for _, r := range rules {
		value := good()
		r.spoil(&value)
		var want []string
		if r.field != "" {
			want = []string{r.field}
		}
		if got := complaints(t, validate(value)); !slices.Equal(got, want) {
			t.Errorf("%s: complaints about %q, want %q", r.name, got, want)
		}
	}
}

func TestVenueValidate(t *testing.T) {
	t.Parallel()
	type v = booking.Venue
	checkRules(t, goodVenue, v.Validate, []rule[v]{
		{"no id", func(x *v) { x.ID = "" }, "id"},
		{"an id with capitals", func(x *v) { x.ID = "Salon" }, "id"},
		{"an id of the server's", func(x *v) { x.ID = "assets" }, "id"},
		{"no name", func(x *v) { x.Name = "" }, "name"},
		{"a blank name", func(x *v) { x.Name = " \u00a0 " }, "name"},
		{"a long name", func(x *v) { x.Name = strings.Repeat("é", 200) }, ""},
		{"a name too long", func(x *v) { x.Name = strings.Repeat("é", 201) }, "name"},
		{"a name of two lines", func(x *v) { x.Name = "a\nb" }, "name"},
		{"a name with a control character", func(x *v) { x.Name = "a\x1bb" }, "name"},
		{"a name that turns the direction of writing", func(x *v) { x.Name = "a\u202eb" }, "name"},
		{"a name that is not UTF-8", func(x *v) { x.Name = "a\xff" }, "name"},
		{"a name in another script", func(x *v) { x.Name = "می\u200cخواهم" }, ""},
		{"no zone", func(x *v) { x.TimeZone = "" }, "time_zone"},
		{"the server's zone", func(x *v) { x.TimeZone = "Local" }, "time_zone"},
		{"a path for a zone", func(x *v) { x.TimeZone = "../../etc/localtime" }, "time_zone"},
		{"an unknown zone", func(x *v) { x.TimeZone = "Mars/Olympus" }, "time_zone"},
		{"no contact", func(x *v) { x.Contact = booking.Contact{} }, ""},
		{"a contact without an at", func(x *v) { x.Contact.Email = "hello" }, "contact.email"},
		{"a contact with a name", func(x *v) { x.Contact.Email = "Salon <hello@salon.example>" }, "contact.email"},
		{"two addresses", func(x *v) { x.Contact.Email = "a@b.example, c@d.example" }, "contact.email"},
		{"an address that holds what nobody sees", func(x *v) { x.Contact.Email = "hello\u200b@salon.example" }, "contact.email"},
		{"an address with a joiner", func(x *v) { x.Contact.Email = "he\u200dllo@salon.example" }, "contact.email"},
		{"an address with a no-break space", func(x *v) { x.Contact.Email = "hello\u00a0@salon.example" }, "contact.email"},
		{"an address with a query", func(x *v) { x.Contact.Email = "hello@salon.example?subject=Hi" }, "contact.email"},
		{"an address with a broken domain", func(x *v) { x.Contact.Email = "hello@-salon.example" }, "contact.email"},
		{"an address of another script", func(x *v) { x.Contact.Email = "用户@例子.广告" }, ""},
		{"a name that holds what nobody sees", func(x *v) { x.Name = "Sa\u200blon" }, "name"},
		{"a name of a letter that shows nothing", func(x *v) { x.Name = "\u3164" }, "name"},
		{"a name of an emoji", func(x *v) { x.Name = "👩\u200d🚀" }, ""},
		{"an address with a line break", func(x *v) { x.Contact.Email = "a@b.example\r\nBcc: c@d.example" }, "contact.email"},
		{"an address too long", func(x *v) { x.Contact.Email = strings.Repeat("a", 250) + "@b.example" }, "contact.email"},
		{"a phone number in letters", func(x *v) { x.Contact.Phone = "call me" }, "contact.phone"},
		{"a phone number too short", func(x *v) { x.Contact.Phone = "1-2" }, "contact.phone"},
		{"a phone number too long", func(x *v) { x.Contact.Phone = strings.Repeat("1", 41) }, "contact.phone"},
		{"an extension", func(x *v) { x.Contact.Phone = "(030) 123/45 x6" }, ""},
		{"many origins", func(x *v) { x.AllowedOrigins = slices.Repeat([]string{"https://a.example"}, 20) }, ""},
		{"too many origins", func(x *v) { x.AllowedOrigins = slices.Repeat([]string{"https://a.example"}, 21) }, "allowed_origins"},
		{"an origin with a path", func(x *v) { x.AllowedOrigins[1] = "https://a.example/" }, "allowed_origins[1]"},
		{"an origin with a user", func(x *v) { x.AllowedOrigins[0] = "https://u@a.example" }, "allowed_origins[0]"},
		{"an origin without a scheme", func(x *v) { x.AllowedOrigins[0] = "a.example" }, "allowed_origins[0]"},
		{"an origin that is a file", func(x *v) { x.AllowedOrigins[0] = "file://a" }, "allowed_origins[0]"},
		{"an origin that is nothing", func(x *v) { x.AllowedOrigins[0] = "null" }, "allowed_origins[0]"},
		{"an origin that is no address", func(x *v) { x.AllowedOrigins[0] = "https://a b" }, "allowed_origins[0]"},
	})
}

func TestResourceValidate(t *testing.T) {
	t.Parallel()
	type r = booking.Resource
	monday := func(periods ...booking.Period) func(*r) {
		return func(x *r) { x.Schedule.Weekly[time.Monday] = periods }
	}
	exceptions := func(es ...booking.Exception) func(*r) {
		return func(x *r) { x.Schedule.Exceptions = es }
	}
	closed := booking.Exception{Date: tuesday, Closed: true}
	noDate := booking.Exception{Date: booking.Date{Year: 2026, Month: 2, Day: 30}, Closed: true}
	var many []booking.Exception
	for i := range booking.MaxExceptions + 1 {
		many = append(many, booking.Exception{Date: tuesday.AddDays(i), Closed: true})
	}
	var periods []booking.Period
	for i := range booking.MaxPeriodsPerDay + 1 {
		periods = append(periods, booking.Period{Open: i * 50, Close: i*50 + 10})
	}
	checkRules(t, goodResource, r.Validate, []rule[r]{
		{"no venue", func(x *r) { x.Venue = "" }, "venue"},
		{"no id", func(x *r) { x.ID = "" }, "id"},
		{"no name", func(x *r) { x.Name = "" }, "name"},
		{"no capacity", func(x *r) { x.Capacity = 0 }, "capacity"},
		{"negative capacity", func(x *r) { x.Capacity = -1 }, "capacity"},
		{"great capacity", func(x *r) { x.Capacity = booking.MaxCapacity }, ""},
		{"too great a capacity", func(x *r) { x.Capacity = booking.MaxCapacity + 1 }, "capacity"},
		{"never open", func(x *r) { x.Schedule = booking.Schedule{} }, ""},
		{"around the clock", monday(booking.Period{Open: 0, Close: 1440}), ""},
		{"a day from nine to nine", monday(booking.Period{Open: 540, Close: 1980}), "hours.mon[0]"},
		{"nothing that was null", monday(booking.Period{}), "hours.mon[0]"},
		{"backwards", monday(booking.Period{Open: 720, Close: 540}), "hours.mon[0]"},
		{"before midnight", monday(booking.Period{Open: -1, Close: 540}), "hours.mon[0]"},
		{"after midnight", monday(booking.Period{Open: 1440, Close: 1500}), "hours.mon[0]"},
		{"overlapping", monday(booking.Period{Open: 540, Close: 720}, booking.Period{Open: 719, Close: 780}), "hours.mon[1]"},
		{"overlapping, in another order", monday(booking.Period{Open: 719, Close: 780}, booking.Period{Open: 540, Close: 720}), "hours.mon[1]"},
		{"touching, in another order", monday(booking.Period{Open: 720, Close: 780}, booking.Period{Open: 540, Close: 720}), ""},
		{"many periods", monday(periods[:booking.MaxPeriodsPerDay]...), ""},
		{"too many periods", monday(periods...), "hours.mon"},
		{"over midnight into the next day's", func(x *r) { x.Schedule.Weekly[time.Sunday][0].Open = 119 }, "hours.sat"},
		{"an exception without a date", exceptions(booking.Exception{Closed: true}), "exceptions[0].date"},
		{"a date that is none", exceptions(noDate), "exceptions[0].date"},
		{"a date twice", exceptions(closed, closed), "exceptions[1].date"},
		{"neither closed nor open", exceptions(booking.Exception{Date: tuesday}), "exceptions[0]"},
		{
			"closed and open",
			exceptions(booking.Exception{Date: tuesday, Closed: true, Hours: []booking.Period{{Open: 1, Close: 2}}}),
			"exceptions[0]",
		},
		{
			"exceptional hours that overlap",
			exceptions(booking.Exception{Date: tuesday, Hours: []booking.Period{{Open: 1, Close: 3}, {Open: 2, Close: 4}}}),
			"exceptions[0].hours[1]",
		},
		{"many exceptions", exceptions(many[:booking.MaxExceptions]...), ""},
		{"too many exceptions", exceptions(many...), "exceptions"},
	})
}

func TestServiceValidate(t *testing.T) {
	t.Parallel()
	type s = booking.Service
	price := func(amount, currency string) func(*s) {
		return func(x *s) { x.Price = &booking.Price{Amount: amount, Currency: currency} }
	}
	negative, zero := -1, 0
	pool := make([]booking.ResourceID, booking.MaxPool+1)
	for i := range pool {
		pool[i] = booking.ResourceID(fmt.Sprintf("r%d", i))
	}
	checkRules(t, goodService, s.Validate, []rule[s]{
		{"no venue", func(x *s) { x.Venue = "" }, "venue"},
		{"no id", func(x *s) { x.ID = "" }, "id"},
		{"no name", func(x *s) { x.Name = "" }, "name"},
		{"no description", func(x *s) { x.Description = "" }, ""},
		{"a description too long", func(x *s) { x.Description = strings.Repeat("a", 2001) }, "description"},
		{"a description with a bell", func(x *s) { x.Description = "\a" }, "description"},
		{"no price", func(x *s) { x.Price = nil }, ""},
		{"free of charge", price("0", "EUR"), ""},
		{"a negative price", price("-1", "EUR"), "price.amount"},
		{"a price in words", price("much", "EUR"), "price.amount"},
		{"a price with a comma", price("25,00", "EUR"), "price.amount"},
		{"a price of powers", price("1e3", "EUR"), "price.amount"},
		{"a currency sign", price("25.00", "€"), "price.currency"},
		{"a small currency", price("25.00", "eur"), "price.currency"},
		{"an unknown currency", price("25.00", "XYZ"), "price.currency"},
		{"gold for a currency", price("25.00", "XAU"), "price.currency"},
		{"fewer digits than cents", price("25.5", "EUR"), ""},
		{"more digits than cents", price("25.005", "EUR"), "price.amount"},
		{"yen", price("2500", "JPY"), ""},
		{"yen with cents", price("2500.00", "JPY"), "price.amount"},
		{"dinars of a thousand fils", price("2.500", "KWD"), ""},
		{"dinars of ten thousand", price("2.5000", "KWD"), "price.amount"},
		{"no colour", func(x *s) { x.Color = "" }, ""},
		{"a colour by name", func(x *s) { x.Color = "red" }, "color"},
		{"more than a colour", func(x *s) { x.Color = "#2d6cdf;x" }, "color"},
		{"no duration", func(x *s) { x.Duration = 0 }, "duration_minutes"},
		{"a duration in seconds", func(x *s) { x.Duration = 90 * time.Second }, "duration_minutes"},
		{"a duration too long", func(x *s) { x.Duration = booking.MaxDuration + time.Minute }, "duration_minutes"},
		{"no step", func(x *s) { x.Step = 0 }, "step_minutes"},
		{"a step of a day", func(x *s) { x.Step = 24 * time.Hour }, ""},
		{"a step of more than a day", func(x *s) { x.Step = 25 * time.Hour }, "step_minutes"},
		{"a negative buffer before", func(x *s) { x.BufferBefore = -time.Minute }, "buffer_before_minutes"},
		{"a buffer after that is too long", func(x *s) { x.BufferAfter = booking.MaxBuffer + time.Minute }, "buffer_after_minutes"},
		{"a negative notice", func(x *s) { x.MinNotice = -time.Minute }, "min_notice_minutes"},
		{"a notice too long", func(x *s) { x.MinNotice = booking.MaxNotice + time.Minute }, "min_notice_minutes"},
		{"a notice as long as the horizon", func(x *s) { x.HorizonDays, x.MinNotice = 7, 7*24*time.Hour }, ""},
		{"a notice up to the horizon's last minute", func(x *s) { x.HorizonDays, x.MinNotice = 7, 8*24*time.Hour-time.Minute }, ""},
		{"a notice beyond the horizon", func(x *s) { x.HorizonDays, x.MinNotice = 7, 8*24*time.Hour }, "min_notice_minutes"},
		{"no horizon", func(x *s) { x.HorizonDays = 0 }, "horizon_days"},
		{"a horizon too far", func(x *s) { x.HorizonDays = booking.MaxHorizonDays + 1 }, "horizon_days"},
		{"parties of nobody", func(x *s) { x.PartySize.Min = 0 }, "party_size.min"},
		{"parties upside down", func(x *s) { x.PartySize = booking.PartySize{Min: 3, Max: 2} }, "party_size.max"},
		{"parties too large", func(x *s) { x.PartySize.Max = booking.MaxPartySize + 1 }, "party_size.max"},
		{"holds of no length", func(x *s) { x.HoldFor = 0 }, "hold_minutes"},
		{"holds for ever", func(x *s) { x.HoldFor = booking.MaxHold + time.Minute }, "hold_minutes"},
		{"no idea of limited", func(x *s) { x.LimitedBelow = nil }, ""},
		{"never limited", func(x *s) { x.LimitedBelow = &zero }, ""},
		{"limited below nothing", func(x *s) { x.LimitedBelow = &negative }, "limited_below"},
		{"no requirement", func(x *s) { x.Requires = nil }, "requires"},
		{"two requirements", func(x *s) { x.Requires = slices.Repeat(x.Requires, 2) }, "requires"},
		{"an empty pool", func(x *s) { x.Requires[0].AnyOf = nil }, "requires[0].any_of"},
		{"a great pool", func(x *s) { x.Requires[0].AnyOf = pool[:booking.MaxPool] }, ""},
		{"too great a pool", func(x *s) { x.Requires[0].AnyOf = pool }, "requires[0].any_of"},
		{"a member twice", func(x *s) { x.Requires[0].AnyOf[1] = "anna" }, "requires[0].any_of[1]"},
		{"a member that is no id", func(x *s) { x.Requires[0].AnyOf[1] = "Ben" }, "requires[0].any_of[1]"},
		{"no units", func(x *s) { x.Requires[0].Units = 0 }, "requires[0].units"},
		{"too many units", func(x *s) { x.Requires[0].Units = booking.MaxCapacity + 1 }, "requires[0].units"},
	})
}

func TestCustomerValidate(t *testing.T) {
	t.Parallel()
	type c = booking.Customer
	good := func() c {
		return c{Name: "Zoë", Email: "zoe@mail.example", Phone: "+49 170 1234567", Note: "By the window,\nplease."}
	}
	checkRules(t, good, c.Validate, []rule[c]{
		{"no name", func(x *c) { x.Name = "" }, "customer.name"},
		{"a name with a control character", func(x *c) { x.Name = "a\x00" }, "customer.name"},
		{"no email", func(x *c) { x.Email = "" }, ""},
		{"no phone", func(x *c) { x.Phone = "" }, ""},
		{"neither", func(x *c) { x.Email, x.Phone = "", "" }, "customer.email"},
		{"an email that is none", func(x *c) { x.Email = "zoe" }, "customer.email"},
		{"an email at a machine nearby", func(x *c) { x.Email = "zoe@localhost" }, "customer.email"},
		{"an email at a number", func(x *c) { x.Email = "zoe@mail.123" }, "customer.email"},
		{"an email at an address", func(x *c) { x.Email = "zoe@[192.0.2.1]" }, ""},
		{"an email at a domain in another script", func(x *c) { x.Email = "zoe@пример.испытание" }, ""},
		{"an email with the longest local part", func(x *c) { x.Email = strings.Repeat("z", 64) + "@mail.example" }, ""},
		{"an email with a longer one", func(x *c) { x.Email = strings.Repeat("z", 65) + "@mail.example" }, "customer.email"},
		{"an email with the longest label", func(x *c) { x.Email = "zoe@" + strings.Repeat("m", 63) + ".example" }, ""},
		{"an email with a longer one in its domain", func(x *c) { x.Email = "zoe@" + strings.Repeat("m", 64) + ".example" }, "customer.email"},
		{"an email with a character that was lost", func(x *c) { x.Email = "z\ufffde@mail.example" }, "customer.email"},
		{"a name with many marks on a letter", func(x *c) { x.Name = "Z" + strings.Repeat("\u0301", 12) + "oe" }, ""},
		{"a name with more", func(x *c) { x.Name = "Z" + strings.Repeat("\u0301", 13) + "oe" }, "customer.name"},
		{"a note with more", func(x *c) { x.Note = "a\n" + strings.Repeat("\u0301", 13) }, "customer.note"},
		{"a name with marks on many letters", func(x *c) { x.Name = strings.Repeat("שָׁ", 20) }, ""},
		{"a phone that is none", func(x *c) { x.Phone = "later" }, "customer.phone"},
		{"a long note", func(x *c) { x.Note = strings.Repeat("é", 2000) }, ""},
		{"a note too long", func(x *c) { x.Note = strings.Repeat("é", 2001) }, "customer.note"},
	})
	if !(c{}).IsZero() || good().IsZero() {
		t.Error("nobody is known, or somebody is not")
	}
}

// Everything that is wrong is named, not only the first.
func TestEveryComplaintAtOnce(t *testing.T) {
	t.Parallel()
	s := goodService()
	s.Name, s.Step, s.PartySize.Min = "", 0, 0
	want := []string{"name", "step_minutes", "party_size.min"}
	if got := complaints(t, s.Validate()); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCheckParty(t *testing.T) {
	t.Parallel()
	s := goodService()
	s.PartySize = booking.PartySize{Min: 2, Max: 4}
	for size, want := range map[int]bool{-1: false, 1: false, 2: true, 4: true, 5: false} {
		if err := s.CheckParty(size); (err == nil) != want {
			t.Errorf("party of %d: %v", size, err)
		}
	}
	if got := complaints(t, s.CheckParty(1)); !slices.Equal(got, []string{"party_size"}) {
		t.Errorf("complaints about %q", got)
	}
}
