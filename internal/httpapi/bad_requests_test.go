package httpapi_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

const (
	venues   = "/v1/venues/barber"
	bookings = venues + "/bookings"
	free     = venues + "/services/cut/availability?from=2026-11-23&to=2026-11-23"
	nine     = `"service":"cut","start":"2026-11-23T09:00:00+01:00"`
	ada      = `"customer":{"name":"Ada","email":"ada@example.com"}`
)

// scenario is a request that is refused, and how.
type scenario struct {
	method, target, body string
	options              []option
	status               int
	code                 string
	fields               []string
}

// Whatever a request gets wrong is named, and changes nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	before := s.do(t, "GET", free, "").body
	t.Cleanup(func() { // all scenarios have run by then
		if after := s.do(t, "GET", free, "", afterwards).body; !bytes.Equal(after, before) {
			t.Errorf("a refused request changed something:\n%s\n%s", before, after)
		}
	})
	for name, scenarios := range map[string]map[string]scenario{
		"venues": badVenues(), "resources": badResources(), "services": badServices(), "bookings": badBookings(), "bodies": badBodies(),
		"queries": badQueries(), "headers": badHeaders(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, sc := range scenarios {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					s.do(t, sc.method, sc.target, sc.body, sc.options...).want(t, sc.status, sc.code, sc.fields...)
				})
			}
		})
	}
}

// edited is the body with a part replaced.
func edited(body, part, by string) string {
	if !strings.Contains(body, part) {
		panic("the body lacks " + part)
	}
	return strings.Replace(body, part, by, 1)
}

func badVenues() map[string]scenario {
	put := func(body string, fields ...string) scenario {
		return scenario{"PUT", "/v1/venues/newcomer", body, []option{admin()}, http.StatusUnprocessableEntity, "invalid", fields}
	}
	zone := func(name string) scenario { return put(edited(venueBody, "Europe/Berlin", name), "time_zone") }
	return map[string]scenario{
		"an unknown zone":             zone("Europe/Atlantis"),
		"no zone":                     zone(""),
		"the zone of the machine":     zone("Local"),
		"a path for a zone":           zone("../../../etc/passwd"),
		"an absolute path for a zone": zone("/usr/share/zoneinfo/UTC"),
		"a zone without a name":       put(`{"name":"Barber"}`, "time_zone"),
		"no name":                     put(`{"time_zone":"Europe/Berlin"}`, "name"),
		"a blank name":                put(edited(venueBody, `"Barber"`, `"  "`), "name"),
		"a control character":         put(edited(venueBody, `"Barber"`, `"Bar\u0007ber"`), "name"),
		"a line break in a name":      put(edited(venueBody, `"Barber"`, `"Bar\nber"`), "name"),
		"a bidirectional override":    put(edited(venueBody, `"Barber"`, `"\u202eBarber"`), "name"),
		"a long name":                 put(edited(venueBody, `"Barber"`, `"`+strings.Repeat("x", 201)+`"`), "name"),
		"an email that is none":       put(edited(venueBody, "hi@barber.example", "hi at barber"), "contact.email"),
		"a phone that is none":        put(edited(venueBody, "+49 30 5550", "call me"), "contact.phone"),
		"an origin with a path":       put(edited(venueBody, "https://shop.example", "https://shop.example/x"), "allowed_origins[0]"),
		"a wildcard origin":           put(edited(venueBody, "https://shop.example", "*"), "allowed_origins[0]"),
		"several at once": put(`{"time_zone":"Nowhere","name":"","contact":{"email":"x"}}`,
			"name", "time_zone", "contact.email"),
		"half a surrogate pair": {
			"PUT", "/v1/venues/newcomer", edited(venueBody, `"Barber"`, `"Bar\ud83dber"`), []option{admin()}, 400, "malformed", []string{"name"},
		},
		"an id of its own":       put(edited(venueBody, `{`, `{"id":"new",`), "id"),
		"a name in capitals":     put(edited(venueBody, `"name"`, `"Name"`), "name", "Name"),
		"an unknown deep field":  put(edited(venueBody, `"email"`, `"e-mail"`), "contact.e-mail"),
		"a number for a name":    put(edited(venueBody, `"Barber"`, `7`), "name"),
		"null for a name":        put(edited(venueBody, `"Barber"`, `null`), "name"),
		"null for a contact":     put(edited(venueBody, `{"email":"hi@barber.example","phone":"+49 30 5550"}`, `null`), "contact"),
		"a list for a contact":   put(edited(venueBody, `{"email":"hi@barber.example","phone":"+49 30 5550"}`, `[]`), "contact"),
		"an object in a list":    put(edited(venueBody, `"https://shop.example"`, `"https://a.example",{}`), "allowed_origins[1]"),
		"a field given twice":    put(edited(venueBody, `{`, `{"name":"A",`), "name"),
		"a reserved id":          {"PUT", "/v1/venues/docs", venueBody, []option{admin()}, 422, "invalid", []string{"id"}},
		"an id with capitals":    {"PUT", "/v1/venues/Barber", venueBody, []option{admin()}, 422, "invalid", []string{"id"}},
		"an id with a slash":     {"PUT", "/v1/venues/a%2Fb", venueBody, []option{admin()}, 422, "invalid", []string{"id"}},
		"an id that is too long": {"PUT", "/v1/venues/" + strings.Repeat("a", 65), venueBody, []option{admin()}, 422, "invalid", []string{"id"}},
	}
}

func badResources() map[string]scenario {
	put := func(body string, fields ...string) scenario {
		return scenario{"PUT", venues + "/resources/new", body, []option{admin()}, http.StatusUnprocessableEntity, "invalid", fields}
	}
	hours := func(periods string, fields ...string) scenario {
		return put(edited(chairBody, `["09:00-12:00","13:00-17:00"]`, periods), fields...)
	}
	exceptions := func(list string, fields ...string) scenario {
		return put(edited(chairBody, `{"name"`, `{"exceptions":`+list+`,"name"`), fields...)
	}
	capacity := func(n string) scenario { return put(edited(chairBody, `"capacity":1`, `"capacity":`+n), "capacity") }
	return map[string]scenario{
		"no capacity":              put(edited(chairBody, `"capacity":1,`, ""), "capacity"),
		"capacity 0":               capacity("0"),
		"a negative capacity":      capacity("-1"),
		"a capacity beyond bounds": capacity("1000001"),
		"a capacity beyond 64 bit": capacity("99999999999999999999"),
		"a capacity of 1e400":      capacity("1e400"),
		"half a unit":              capacity("0.5"),
		"a capacity in words":      capacity(`"NaN"`),
		"a capacity of true":       capacity("true"),
		"overlapping hours":        hours(`["09:00-12:00","11:00-17:00"]`, "hours.mon[1]"),
		"overlapping the next day": hours(`["20:00-10:00"]`, "hours.mon"),
		"hours that are none":      hours(`["09:00-12:00","late"]`, "hours.mon[1]"),
		"hours without a length":   hours(`["09:00-09:00"]`, "hours.mon[0]"),
		"hours beyond 24":          hours(`["25:00-26:00"]`, "hours.mon[0]"),
		"a number among hours":     hours(`[9]`, "hours.mon[0]"),
		"hours of 60 kB":           hours(`["`+strings.Repeat("9", 60_000)+`"]`, "hours.mon[0]"),
		"hours that are no list":   hours(`"09:00-17:00"`, "hours.mon"),
		"an unknown day":           put(edited(chairBody, `"mon"`, `"monday"`), "hours.monday"),
		"no hours":                 put(`{"name":"Chair","capacity":1}`, "hours"),
		"a date that is none":      exceptions(`[{"date":"2026-02-30","closed":true}]`, "exceptions[0].date"),
		"a date of another form":   exceptions(`[{"date":"24.12.2026","closed":true}]`, "exceptions[0].date"),
		"a date given twice": exceptions(`[{"date":"2026-12-24","closed":true},{"date":"2026-12-24","closed":true}]`,
			"exceptions[1].date"),
		"closed with hours":      exceptions(`[{"date":"2026-12-24","closed":true,"hours":["09:00-12:00"]}]`, "exceptions[0]"),
		"neither closed nor not": exceptions(`[{"date":"2026-12-24"}]`, "exceptions[0]"),
		"no date":                exceptions(`[{"closed":true}]`, "exceptions[0].date"),
		"an id with a space":     {"PUT", venues + "/resources/a%20b", chairBody, []option{admin()}, 422, "invalid", []string{"id"}},
		"no such venue":          {"PUT", "/v1/venues/nowhere/resources/new", chairBody, []option{admin()}, 404, "not_found", nil},
		"no possible venue":      {"PUT", "/v1/venues/No%20Where/resources/new", chairBody, []option{admin()}, 404, "not_found", nil},
	}
}

func badServices() map[string]scenario {
	put := func(body string, fields ...string) scenario {
		return scenario{"PUT", venues + "/services/new", body, []option{admin()}, http.StatusUnprocessableEntity, "invalid", fields}
	}
	with := func(field, value string) scenario {
		return put(edited(cutBody, `{"name"`, `{"`+field+`":`+value+`,"name"`), field)
	}
	requires := func(list string, fields ...string) scenario {
		return put(edited(cutBody, `[{"any_of":["mia","jonas"]}]`, list), fields...)
	}
	return map[string]scenario{
		"step 0":                    with("step_minutes", "0"),
		"a step of a week":          with("step_minutes", "10080"),
		"a negative buffer":         with("buffer_before_minutes", "-5"),
		"a buffer that overflows":   with("buffer_after_minutes", "9223372036854775807"),
		"a hold of nothing":         with("hold_minutes", "0"),
		"a negative threshold":      with("limited_below", "-1"),
		"a colour by name":          with("color", `"blue"`),
		"null for a step":           with("step_minutes", "null"),
		"a duration that overflows": put(edited(cutBody, `_minutes":30`, `_minutes":307445734561826`), "duration_minutes"),
		"no duration":               put(edited(cutBody, `"duration_minutes":30,`, ""), "duration_minutes"),
		"a horizon of nothing":      put(edited(cutBody, `"horizon_days":30`, `"horizon_days":0`), "horizon_days"),
		"a horizon of a lifetime":   put(edited(cutBody, `"horizon_days":30`, `"horizon_days":30000`), "horizon_days"),
		"a party of none":           put(edited(yogaBody, `{"min":1,"max":3}`, `{"min":0,"max":3}`), "party_size.min"),
		"a party upside down":       put(edited(yogaBody, `{"min":1,"max":3}`, `{"min":3,"max":1}`), "party_size.max"),
		"half a party":              put(edited(yogaBody, `{"min":1,"max":3}`, `{"max":3}`), "party_size.min"),
		"a price that is a number":  put(edited(cutBody, `{"name"`, `{"price":{"amount":25,"currency":"EUR"},"name"`), "price.amount"),
		"a price in no currency":    put(edited(cutBody, `{"name"`, `{"price":{"amount":"25.00","currency":"euro"},"name"`), "price.currency"),
		"nothing required":          requires(`[]`, "requires"),
		"two requirements":          requires(`[{"resource":"mia"},{"resource":"hall"}]`, "requires"),
		"an empty requirement":      requires(`[{}]`, "requires[0]"),
		"both forms":                requires(`[{"resource":"mia","any_of":["jonas"]}]`, "requires[0]"),
		"an empty pool":             requires(`[{"any_of":[]}]`, "requires[0].any_of"),
		"the same member twice":     requires(`[{"any_of":["mia","mia"]}]`, "requires[0].any_of[1]"),
		"no such member":            requires(`[{"any_of":["mia","jonas","zoe"]}]`, "requires[0].any_of[2]"),
		"no such resource":          requires(`[{"resource":"zoe"}]`, "requires[0].resource"),
		"no possible resource":      requires(`[{"resource":"Zoë"}]`, "requires[0].resource"),
		"no units":                  requires(`[{"resource":"mia","units":0}]`, "requires[0].units"),
		"an unknown requirement":    requires(`[{"room":"mia"}]`, "requires[0].room"),
	}
}

func badBookings() map[string]scenario {
	post := func(body string, status int, code string, fields ...string) scenario {
		return scenario{"POST", bookings, body, nil, status, code, fields}
	}
	invalid := func(body string, fields ...string) scenario { return post(body, 422, "invalid", fields...) }
	start := func(text string, status int, code string, fields ...string) scenario {
		return post(`{"service":"cut","start":`+text+`,`+ada+`}`, status, code, fields...)
	}
	noInstant := func(text string) scenario { return start(`"`+text+`"`, 422, "invalid", "start") }
	return map[string]scenario{
		"no service":               invalid(`{"start":"2026-11-23T09:00:00+01:00",`+ada+`}`, "service"),
		"no start":                 invalid(`{"service":"cut",`+ada+`}`, "start"),
		"no such service":          post(`{"service":"shave","start":"2026-11-23T09:00:00+01:00",`+ada+`}`, 404, "not_found", "service"),
		"a start in words":         noInstant("tomorrow"),
		"a start without a zone":   noInstant("2026-11-23T09:00:00"),
		"a start without a day":    noInstant("2026-02-30T09:00:00+01:00"),
		"a start with a fraction":  noInstant("2026-11-23T09:00:00.5+01:00"),
		"a fraction with a comma":  noInstant("2026-11-23T09:00:00,1234Z"),
		"a leap second":            noInstant("2026-12-31T23:59:60Z"),
		"a short hour":             noInstant("2026-11-23T9:00:00+01:00"),
		"an offset of days":        noInstant("2026-11-23T09:00:00+99:99"),
		"a year of five digits":    noInstant("12026-11-23T09:00:00Z"),
		"an empty start":           noInstant(""),
		"a number for a start":     start(`1795420800`, 422, "invalid", "start"),
		"null for a start":         start(`null`, 422, "invalid", "start"),
		"a start between slots":    start(`"2026-11-23T09:10:00+01:00"`, 422, "not_a_slot"),
		"a start of half a second": start(`"2026-11-23T09:00:01+01:00"`, 422, "not_a_slot"),
		"a start at lunch":         start(`"2026-11-23T12:00:00+01:00"`, 422, "not_a_slot"),
		"a start when closed":      start(`"2026-11-25T09:00:00+01:00"`, 422, "not_a_slot"),
		"a start in the past":      start(`"2026-11-16T09:00:00+01:00"`, 409, "too_soon"),
		"a start beyond horizon":   start(`"2026-12-28T09:00:00+01:00"`, 409, "beyond_horizon"),
		"the year 9999":            start(`"9999-12-27T09:00:00+01:00"`, 409, "beyond_horizon"),
		"beyond the year 9999":     start(`"9999-12-31T23:30:00-01:00"`, 422, "not_a_slot"),
		"the year 0":               start(`"0000-01-03T09:00:00+01:00"`, 422, "not_a_slot"),
		"a party of none":          invalid(`{`+nine+`,"party_size":0,`+ada+`}`, "party_size"),
		"a party that is too big":  invalid(`{`+nine+`,"party_size":2,`+ada+`}`, "party_size"),
		"a negative party":         invalid(`{`+nine+`,"party_size":-1,`+ada+`}`, "party_size"),
		"a party beyond 64 bit":    invalid(`{`+nine+`,"party_size":18446744073709551617,`+ada+`}`, "party_size"),
		"a party of 1.0":           invalid(`{`+nine+`,"party_size":1.0,`+ada+`}`, "party_size"),
		"a party in words":         invalid(`{`+nine+`,"party_size":"two",`+ada+`}`, "party_size"),
		"a resource of another":    invalid(`{`+nine+`,"resource":"hall",`+ada+`}`, "resource"),
		"no such resource":         invalid(`{`+nine+`,"resource":"zoe",`+ada+`}`, "resource"),
		"hold in words":            invalid(`{`+nine+`,"hold":"yes",`+ada+`}`, "hold"),
		"no customer":              invalid(`{`+nine+`}`, "customer.name", "customer.email"),
		"a customer without name":  invalid(`{`+nine+`,"customer":{"phone":"12345"}}`, "customer.name"),
		"no way to reach them":     invalid(`{`+nine+`,"customer":{"name":"Ada"}}`, "customer.email"),
		"a hold with half of one":  invalid(`{`+nine+`,"hold":true,"customer":{"name":"Ada"}}`, "customer.email"),
		"a name with a bell":       invalid(`{`+nine+`,"customer":{"name":"A\u0007da","phone":"12345"}}`, "customer.name"),
		"an email with a name":     invalid(`{`+nine+`,"customer":{"name":"Ada","email":"Ada <a@b.example>"}}`, "customer.email"),
		"a note of a novel": invalid(
			`{`+nine+`,"customer":{"name":"Ada","phone":"12345","note":"`+strings.Repeat("n", 2001)+`"}}`, "customer.note"),
		"unknown fields":      invalid(`{`+nine+`,"colour":"red","customer":{"name":"Ada","fax":"1"}}`, "colour"),
		"an unknown deep one": invalid(`{`+nine+`,"customer":{"name":"Ada","fax":"1"}}`, "customer.fax"),
		"a length of its own": invalid(`{`+nine+`,"duration_minutes":60,`+ada+`}`, "duration_minutes"),
		"no such venue": {
			"POST", "/v1/venues/nowhere/bookings", `{` + nine + `,` + ada + `}`, nil, 404, "not_found", nil,
		},
		"no possible venue": {
			"POST", "/v1/venues/..%2F/bookings", `{` + nine + `,` + ada + `}`, nil, 404, "not_found", nil,
		},
	}
}

func badBodies() map[string]scenario {
	in := func(field, body string) scenario {
		return scenario{"POST", bookings, body, nil, 400, "malformed", []string{field}}
	}
	post := func(body string) scenario { return in("body", body) }
	other := func(body string) scenario {
		return scenario{"POST", bookings, body, nil, 422, "invalid", []string{"body"}}
	}
	typed := func(media string, status int, code string, fields ...string) scenario {
		return scenario{"POST", bookings, `{}`, []option{header("Content-Type", media)}, status, code, fields}
	}
	return map[string]scenario{
		"nothing":                 post(""),
		"blanks":                  post(" \r\n\t"),
		"no JSON":                 post("service=cut"),
		"half of an object":       post(`{"service":"cut"`),
		"two objects":             post(`{} {}`),
		"something behind it":     post(`{}x`),
		"a list":                  other(`[]`),
		"a number":                other(`1`),
		"null":                    other(`null`),
		"a comma too many":        post(`{"service":"cut",}`),
		"a comment":               post(`{"service":"cut"/*or two*/}`),
		"NaN":                     in("party_size", `{"party_size":NaN}`),
		"a byte order mark":       post("\ufeff{}"),
		"broken UTF-8":            in("service", "{\"service\":\"c\xffut\"}"),
		"UTF-16":                  post("\xff\xfe{\x00}\x00"),
		"deep nesting":            post(`{"service":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`),
		"deeper nesting, open":    post(strings.Repeat(`{"a":`, 5000)),
		"1 MB":                    {"POST", bookings, `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, nil, 413, "too_large", nil},
		"a byte too many":         {"POST", bookings, `{}` + strings.Repeat(" ", 64<<10-1), nil, 413, "too_large", nil},
		"as much as there may be": {"POST", bookings, `{}` + strings.Repeat(" ", 64<<10-2), nil, 422, "invalid", []string{"service", "start"}},
		"1 MB of unknown length": {
			"POST", bookings, `{"x":"` + strings.Repeat("x", 1<<20) + `"}`,
			[]option{func(r *http.Request) { r.ContentLength = -1 }},
			413, "too_large", nil,
		},
		"a form":          typed("application/x-www-form-urlencoded", 415, "unsupported_media_type", "Content-Type"),
		"plain text":      typed("text/plain", 415, "unsupported_media_type", "Content-Type"),
		"no media type":   typed("json", 415, "unsupported_media_type", "Content-Type"),
		"a broken type":   typed("application/json; charset", 415, "unsupported_media_type", "Content-Type"),
		"another charset": typed("application/json; charset=latin-1", 415, "unsupported_media_type", "Content-Type"),
		"JSON in UTF-8":   typed("Application/JSON; Charset=UTF-8", 422, "invalid", "service", "start"),
		"a compressed body": {
			"POST", bookings, `{}`, []option{header("Content-Encoding", "gzip")}, 415, "unsupported_media_type", []string{"Content-Encoding"},
		},
		"a body for a cancellation": {
			"POST", bookings + "/bk_1/cancel", `{"reason":"rain"}`, []option{bearer("some-token")}, 422, "invalid", []string{"reason"},
		},
	}
}

func badQueries() map[string]scenario {
	get := func(query string, fields ...string) scenario {
		return scenario{"GET", venues + "/services/cut/availability" + query, "", nil, 422, "invalid", fields}
	}
	const day = "?from=2026-11-23&to=2026-11-23"
	long := func(query string) scenario {
		return scenario{"GET", venues + "/services/cut/availability" + query, "", nil, 422, "range_too_long", []string{"to"}}
	}
	unreadable := func(query string) scenario {
		return scenario{"GET", venues + "/services/cut/availability" + query, "", nil, 400, "malformed", []string{"query"}}
	}
	list := func(query string, fields ...string) scenario {
		return scenario{"GET", bookings + query, "", []option{admin()}, 422, "invalid", fields}
	}
	return map[string]scenario{
		"no days":                 get("", "from", "to"),
		"no end":                  get("?from=2026-11-23", "to"),
		"an empty end":            get("?from=2026-11-23&to=", "to"),
		"no dates":                get("?from=tomorrow&to=2026-13-01", "from", "to"),
		"days upside down":        get("?from=2026-11-24&to=2026-11-23", "to"),
		"63 days":                 long("?from=2026-11-01&to=2027-01-02"),
		"401 days":                long("?detail=days&from=2026-11-01&to=2027-12-06"),
		"all of time":             long("?from=0001-01-01&to=9999-12-31"),
		"a party of none":         get(day+"&party_size=0", "party_size"),
		"a party in words":        get(day+"&party_size=two", "party_size"),
		"a party beyond 64 bit":   get(day+"&party_size=18446744073709551617", "party_size"),
		"a party that is too big": get(day+"&party_size=2", "party_size"),
		"a resource of another":   get(day+"&resource=hall", "resource"),
		"another detail":          get(day+"&detail=weeks", "detail"),
		"a position of its own":   get(day+"&at_least=soon", "at_least"),
		"a position elsewhere":    get(day+"&at_least=elsewhere.1.0", "at_least"),
		"an unknown parameter":    get(day+"&party_sise=4", "party_sise"),
		"nights":                  get(day+"&nights=2", "nights"),
		"given twice":             get(day+"&from=2026-11-22", "from"),
		"no such service":         {"GET", venues + "/services/shave/availability" + day, "", nil, 404, "not_found", nil},
		"no such venue":           {"GET", "/v1/venues/nowhere/services/cut/availability" + day, "", nil, 404, "not_found", nil},
		"no possible venue":       {"GET", "/v1/venues/%00/services/cut/availability" + day, "", nil, 404, "not_found", nil},
		"a broken percent":        unreadable(day + "&resource=%zz"),
		"a semicolon":             unreadable("?from=2026-11-23;to=2026-11-23"),
		"a query of 9 kB":         {"GET", venues + "?x=" + strings.Repeat("x", 9000), "", nil, 414, "uri_too_long", nil},
		"a path of 9 kB":          {"GET", "/v1/venues/" + strings.Repeat("x", 9000), "", nil, 414, "uri_too_long", nil},
		"a parameter for a venue": {"GET", venues + "?fields=name", "", nil, 422, "invalid", []string{"fields"}},
		"a status that is none":   list("?status=held,lost", "status"),
		"a cursor of its own":     list("?cursor=100", "cursor"),
		"a cursor that is none":   list("?cursor=%21", "cursor"),
		"bookings upside down":    list("?from=2026-11-24&to=2026-11-23", "to"),
		"bookings of no date":     list("?from=2026-11-31", "from"),
		"a page of nothing":       list("?limit=0", "limit"),
		"a page that is too big":  list("?limit=201", "limit"),
		"a venue's cursor":        {"GET", "/v1/venues?cursor=Xw", "", nil, 422, "invalid", []string{"cursor"}},
	}
}

func badHeaders() map[string]scenario {
	put := func(name, value string) scenario {
		return scenario{"PUT", venues, venueBody, []option{admin(), header(name, value)}, 400, "malformed", []string{name}}
	}
	key := func(value string) scenario {
		return scenario{
			"POST", bookings, `{` + nine + `,` + ada + `}`,
			[]option{header("Idempotency-Key", value)},
			422, "invalid",
			[]string{"Idempotency-Key"},
		}
	}
	return map[string]scenario{
		"If-Match without quotes":  put("If-Match", "1"),
		"If-Match, half a quote":   put("If-Match", `"1`),
		"If-Match, nothing":        put("If-Match", ""),
		"If-Match, rubbish behind": put("If-Match", `"1" or so`),
		"If-None-Match with a tag": put("If-None-Match", `"1"`),
		"an empty key":             key(""),
		"a key to come upon":       key("booking-1"),
		"one character too few":    key(strings.Repeat("k", 15)),
		"a long key":               key(strings.Repeat("k", 256)),
		"a key with a space":       key("a b"),
		"a key beyond ASCII":       key("schlüssel"),
	}
}

func TestWrongAddressesAndMethods(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, test := range map[string]struct {
		method, target, code, allow string
		status                      int
	}{
		"no such address":        {"GET", "/v1/nothing", "not_found", "", 404},
		"the root of the API":    {"GET", "/v1", "not_found", "", 404},
		"another version":        {"POST", "/v1/", "not_found", "", 404},
		"a slash too many":       {"GET", "/v1/venues/", "not_found", "", 404},
		"below a booking":        {"POST", bookings + "/bk_1/delete", "not_found", "", 404},
		"deleting all venues":    {"DELETE", "/v1/venues", "method_not_allowed", "GET, HEAD", 405},
		"posting a venue":        {"POST", venues, "method_not_allowed", "GET, HEAD, PUT, DELETE, OPTIONS", 405},
		"patching a resource":    {"PATCH", venues + "/resources/mia", "method_not_allowed", "GET, HEAD, PUT, DELETE, OPTIONS", 405},
		"getting a confirmation": {"GET", bookings + "/bk_1/confirm", "method_not_allowed", "POST, OPTIONS", 405},
		"an invented method":     {"BREW", bookings, "method_not_allowed", "GET, HEAD, POST, OPTIONS", 405},
		"posting live":           {"POST", "/v1/live", "method_not_allowed", "GET, HEAD, OPTIONS", 405},
		"posting to a page":      {"POST", "/barber", "method_not_allowed", "GET, HEAD", 405},
		"asking the document":    {"POST", "/openapi.yaml", "method_not_allowed", "GET, HEAD", 405},
		"asking health":          {"DELETE", "/healthz", "method_not_allowed", "GET, HEAD", 405},
		"options of nothing":     {"OPTIONS", "/v1/nothing", "not_found", "", 404},
		"options of all venues":  {"OPTIONS", "/v1/venues", "method_not_allowed", "GET, HEAD", 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.do(t, test.method, test.target, "").want(t, test.status, test.code)
			if got := a.header.Get("Allow"); got != test.allow {
				t.Errorf("Allow is %q; want %q", got, test.allow)
			}
		})
	}
}
