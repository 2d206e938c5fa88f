package httpapi_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/clean"
	"vacancy/internal/httpapi"
)

// Nine in the morning of the 23rd in Berlin, as libraries of several languages write it.
var spellingsOfNine = []string{
	"2026-11-23T09:00:00+01:00", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00.000Z", "2026-11-23T08:00:00.000000000+00:00",
	"2026-11-23t08:00:00z", "2026-11-23 08:00:00Z", "2026-11-23 08:00:00 Z", "2026-11-23T08:00:00-00:00", "2026-11-23 08:00:00+00",
	"2026-11-23T09:00:00+0100", "2026-11-23T09:00:00,0+01:00", "2026-11-23T08:00Z", "2026-11-23T09:00+01:00",
	"2026-11-23T13:30:00+05:30", "2026-11-22T22:00:00-10:00", "2026-11-23T04:30:00\u221203:30", " 2026-11-23T08:00:00Z\n",
	"2026-11-23T09:00:00+01:00[Europe/Berlin]", "2026-11-23T09:00:00+01:00[Europe/Berlin][u-ca=iso8601]", "\ufeff2026-11-23T08:00:00Z",
	"20261123T080000Z", "20261123T090000+0100", "2026-11-23 08:00:00 UTC", "2026-11-23T08:00:00.000+0000", "2026-11-23 09:00:00 +0100",
	"２０２６-１１-２３T０８:００:００Z", "2026-11-23\u00a008:00:00\u202fZ",
}

func TestSpellingsOfAnInstant(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, text := range spellingsOfNine {
		var i httpapi.Instant
		if err := i.UnmarshalText([]byte(text)); err != nil || !time.Time(i).Equal(nine) {
			t.Errorf("%q is %v, %v", text, time.Time(i), err)
		}
	}
	for _, text := range []string{
		"2026-11-23T08:00:00", "2026-11-23", "08:00", "2026-11-23T08:00:00.1Z", "2026-11-23T8:00:00Z", "2026-11-23T08Z", "1795420800",
		"2026-11-23T24:00:00Z", "2026-11-23T08:00:60Z", "2026-02-29T08:00:00Z", "2026-11-23T08:00:00+24:00", "2026-11-23T08:00:00+01:60",
		"2026-11-23T08:00:00 CET", "2026-11-23T08:00:00 UTC+1", "20261123080000Z", "20261123T0800", "2026-11-23T08:00:00Z[!Europe/Berlin]",
		"23.11.2026 08:00", "2026-11-23T08:00.0Z", "+2026-11-23T08:00:00Z",
	} {
		var i httpapi.Instant
		if err := i.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, time.Time(i))
		}
	}
}

// A repeat under one key is the same wish however its start and its customer are spelled, and is answered with the same booking.
func TestAnotherSpellingIsTheSameRequest(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	key := header("Idempotency-Key", "one-wish-of-one-customer")
	body := func(start, name string) string {
		text, err := json.Marshal(map[string]any{
			"service": "cut", "start": start, "customer": map[string]string{"name": name, "phone": "+49 30 5550"},
		})
		must(t, err)
		return string(text)
	}
	first := s.book(t, body(spellingsOfNine[0], "Zoé Smith"), key)
	for _, text := range spellingsOfNine {
		if again := s.book(t, body(text, "\u200e Zoe\u0301\u00a0Smith\ufeff"), key); again.ID != first.ID || again.Start != first.Start {
			t.Errorf("%q makes booking %s at %s, not %s at %s", text, again.ID, again.Start, first.ID, first.Start)
		}
	}
	s.do(t, "POST", bookings, body("2026-11-23T09:30:00+01:00", "Zoé Smith"), key).want(t, 422, "idempotency_mismatch")
}

// What is stored of a customer and of the catalogue is clean, and what stays wrong is refused with its field.
func TestPeoplesTextsAreStoredClean(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.book(t, bookingAt("09:00", `,"customer":{"name":"\u202bZoe\u0301\u00a0 Smith\u200b\n",`+
		`"email":" mailto:Zo\u200be@EX\u00adAMPLE.com ",`+
		`"phone":"\u202a＋49\u00a030 \u2013 5550\u202c","note":"\ufeffOne\r\n\ttwo\u2028three "}`))
	want := httpapi.Customer{Name: "Zoé Smith", Email: "Zoe@example.com", Phone: "+49 30 - 5550", Note: "One\n\ttwo\nthree"}
	if b.Customer != want {
		t.Errorf("stored %+q, want %+q", b.Customer, want)
	}

	admin := bearer(adminKey)
	venue := decode[httpapi.Venue](t, s.do(t, "PUT", "/v1/venues/cafe",
		`{"name":" Cafe\u0301\u200b ","time_zone":"\u00a0Europe/Berlin ",`+
			`"contact":{"email":"HI＠Cafe.Example","phone":"tel:030\u2013123"}}`, admin).want(t, 201, ""))
	if venue.Name != "Café" || venue.TimeZone != "Europe/Berlin" ||
		venue.Contact != (httpapi.Contact{Email: "HI@cafe.example", Phone: "030-123"}) {
		t.Errorf("stored %+v", venue)
	}
	table := s.do(t, "PUT", "/v1/venues/cafe/resources/table",
		`{"name":"Table\u00a0１","capacity":4,"hours":{"mon":["9:00 \u2013 17:00"],"fri":["22:00-02:00"]}}`, admin).want(t, 201, "")
	if !strings.Contains(string(table.body), `"name":"Table 1","capacity":4,"hours":{"mon":["09:00-17:00"],"fri":["22:00-02:00"]}`) {
		t.Errorf("stored %s", table.body)
	}
	lunch := decode[httpapi.Service](t, s.do(t, "PUT", "/v1/venues/cafe/services/lunch",
		`{"name":"Lunch\ufeff","description":"Soup\r\nand bread\u00a0","price":{"amount":" 9.50 ","currency":"eur"},"color":"#2D6CDF",`+
			`"duration_minutes":60,"requires":[{"resource":"table"}]}`, admin).want(t, 201, ""))
	if lunch.Name != "Lunch" || lunch.Description != "Soup\nand bread" || *lunch.Price != (httpapi.Price{Amount: "9.50", Currency: "EUR"}) ||
		lunch.Color != "#2d6cdf" {
		t.Errorf("stored %+v", lunch)
	}
	const zeros = `{"name":"T","capacity":4,"hours":{"mon":["00:00-00:00"]}}`
	day := s.do(t, "PUT", "/v1/venues/cafe/resources/table", zeros, admin).want(t, 422, "invalid", "hours.mon[0]")
	if !strings.Contains(string(day.body), "a whole day is 00:00-24:00") {
		t.Errorf("00:00-00:00 is refused with %s", day.body)
	}
}

// Whatever is typed: once it is clean, the domain takes it, or names the field; and taking it changes nothing any more.
func TestCleanCustomersAreTakenOrRefused(t *testing.T) {
	t.Parallel()
	troublesome := []rune(" \t\n\u00a0\u00ad\u200b\u200c\u200d\u200e\u202e\u2060\u3164\ufe0f\ufeff@.-+12９٣aZé\u0301ی👩🚀")
	character := rapid.OneOf(rapid.SampledFrom(troublesome), rapid.Rune())
	typed := rapid.StringOfN(character, 0, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		c := booking.Customer{
			Name: clean.Line(typed.Draw(t, "name")), Email: clean.Email(typed.Draw(t, "email")),
			Phone: clean.Phone(typed.Draw(t, "phone")), Note: clean.Text(typed.Draw(t, "note")),
		}
		if err := c.Validate(); err != nil {
			invalid, ok := errors.AsType[*booking.Invalid](err)
			if !ok || len(invalid.Fields) == 0 {
				t.Fatalf("%+q: %v", c, err)
			}
			for _, f := range invalid.Fields {
				if !strings.HasPrefix(f.Field, "customer.") {
					t.Errorf("%+q: the field %q", c, f.Field)
				}
				// What nobody sees is cleaned away, so it is never the reason; but the override that turns a text around is left to be refused.
				if strings.Contains(f.Message, "invisible") && !strings.Contains(f.Message, "U+202E") {
					t.Errorf("%+q: %s %s", c, f.Field, f.Message)
				}
			}
		}
	})
}
