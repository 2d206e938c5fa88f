package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/httpapi"
)

func TestVenueIsCreatedReplacedAndArchived(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const path = "/v1/venues/spa"
	const body = `{"name":"Spa","time_zone":"Asia/Kolkata"}`
	made := s.do(t, "PUT", path, body, admin()).want(t, 201, "")
	const want = `{"id":"spa","name":"Spa","time_zone":"Asia/Kolkata","contact":{"email":"","phone":""},"allowed_origins":[],"revision":1}`
	if string(made.body) != want || made.header.Get("ETag") != `"1"` {
		t.Errorf("got %s, ETag %s; want %s", made.body, made.header.Get("ETag"), want)
	}
	same := s.do(t, "PUT", path, body, admin()).want(t, 200, "")
	if string(same.body) != want {
		t.Errorf("the same again changed something: %s", same.body)
	}
	renamed := s.do(t, "PUT", path, edited(body, "Spa", "Salt & Steam"), admin()).want(t, 200, "")
	if v := decode[httpapi.Venue](t, renamed); v.Name != "Salt & Steam" || v.Revision != 2 || renamed.header.Get("ETag") != `"2"` {
		t.Errorf("got %s", renamed.body)
	}
	if got := s.do(t, "GET", path, ""); !bytes.Equal(got.body, renamed.body) || got.header.Get("ETag") != `"2"` {
		t.Errorf("GET answers %s; PUT answered %s", got.body, renamed.body)
	}
	s.do(t, "DELETE", path, "", admin()).want(t, 204, "")
	s.do(t, "DELETE", path, "", admin()).want(t, 404, "not_found")
	for _, address := range []string{path, path + "/services", path + "/resources", path + "/services/x", path + "/resources/x"} {
		s.do(t, "GET", address, "").want(t, 404, "not_found")
	}
	if list := s.do(t, "GET", "/v1/venues", ""); strings.Contains(string(list.body), "spa") {
		t.Errorf("an archived venue is listed: %s", list.body)
	}
	s.do(t, "PUT", path, body, admin()).want(t, 201, "")
}

func TestServiceDefaults(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const path = venues + "/services/plain"
	a := s.do(t, "PUT", path, `{"name":"Plain","duration_minutes":45,"requires":[{"resource":"mia"}]}`, admin()).want(t, 201, "")
	var got, want any
	must(t, json.Unmarshal(a.body, &got))
	must(t, json.Unmarshal([]byte(`{"id":"plain","name":"Plain","description":"","color":"","duration_minutes":45,"step_minutes":45,
		"buffer_before_minutes":0,"buffer_after_minutes":0,"min_notice_minutes":0,"horizon_days":90,"party_size":{"min":1,"max":1},
		"hold_minutes":10,"limited_below":null,"requires":[{"resource":"mia","units":1,"per_person":false}],"order":0,"revision":7}`), &want))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What GET answers for a service or resource is what PUT takes, but for the id and the revision.
func TestWhatIsReadCanBeWrittenBack(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for path, body := range map[string]string{
		venues: venueBody,
		venues + "/resources/full": `{"name":"Full","capacity":3,"hours":{"mon":["09:00-12:00","13:00-17:00"],"sun":["22:00-02:00"]},
			"exceptions":[{"date":"2026-12-24","closed":true},{"date":"2026-12-31","hours":["09:00-12:00"]}]}`,
		venues + "/resources/bare": `{"name":"Bare","capacity":1,"hours":{"mon":[]},"exceptions":[]}`,
		venues + "/services/full": `{"name":"Full","description":"Two\nlines","price":{"amount":"25.00","currency":"EUR"},"color":"#2d6cdf",
			"duration_minutes":60,"step_minutes":15,"buffer_before_minutes":5,"buffer_after_minutes":10,"min_notice_minutes":120,
			"horizon_days":14,"party_size":{"min":2,"max":4},"hold_minutes":5,"limited_below":0,
			"requires":[{"any_of":["mia","jonas"],"units":1,"per_person":false}]}`,
		venues + "/services/bare": `{"name":"Bare","duration_minutes":30,"limited_below":null,"requires":[{"any_of":["hall"]}]}`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			put := s.do(t, "PUT", path, body, admin())
			var settings map[string]any
			must(t, json.Unmarshal(put.body, &settings))
			delete(settings, "id")
			delete(settings, "revision")
			again, err := json.Marshal(settings)
			must(t, err)
			a := s.do(t, "PUT", path, string(again), admin()).want(t, 200, "")
			if !bytes.Equal(a.body, put.body) {
				t.Errorf("written back, it is another:\n%s\n%s", a.body, put.body)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const path = venues + "/resources/mia"
	tag := s.do(t, "GET", path, "").header.Get("ETag")
	match := func(value string) option { return header("If-Match", value) }
	put := func(status int, code string, options ...option) {
		t.Helper()
		s.do(t, "PUT", path, chairBody, append(options, admin())...).want(t, status, code)
	}
	put(200, "", match(tag))
	put(200, "", match("*"))
	put(200, "", match(`"999", `+tag))
	put(412, "precondition_failed", match(`"999"`))
	put(412, "precondition_failed", match("W/"+tag))
	put(412, "precondition_failed", match(`"0`+tag[1:]))
	put(412, "precondition_failed", match(`"not, ours"`))
	put(412, "precondition_failed", header("If-None-Match", "*"))

	s.do(t, "PUT", venues+"/resources/new", chairBody, admin(), match("*")).want(t, 412, "precondition_failed")
	s.do(t, "PUT", venues+"/resources/new", chairBody, admin(), header("If-None-Match", "*")).want(t, 201, "")
	s.do(t, "DELETE", venues+"/resources/new", "", admin(), match(tag)).want(t, 412, "precondition_failed")
	s.do(t, "DELETE", venues+"/resources/new", "", admin(), match("*")).want(t, 204, "")
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{
		"/v1/venues", venues, venues + "/resources", venues + "/resources/mia", venues + "/services", venues + "/services/cut",
		free, free + "&detail=days", "/openapi.yaml",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			first := s.do(t, "GET", path, "").want(t, 200, "")
			tag := first.header.Get("ETag")
			if tag == "" || first.header.Get("Cache-Control") != "no-cache" {
				t.Fatalf("ETag %q, Cache-Control %q", tag, first.header.Get("Cache-Control"))
			}
			for _, value := range []string{tag, `"other", ` + tag, "*", "W/" + strings.TrimPrefix(tag, "W/"), strings.TrimPrefix(tag, "W/")} {
				a := s.do(t, "GET", path, "", header("If-None-Match", value)).want(t, 304, "")
				if len(a.body) > 0 || a.header.Get("ETag") != tag {
					t.Errorf("If-None-Match %s: ETag %s, body %s", value, a.header.Get("ETag"), a.body)
				}
			}
			for _, value := range []string{`"other"`, "rubbish", ""} {
				s.do(t, "GET", path, "", header("If-None-Match", value)).want(t, 200, "")
			}
		})
	}
}

func TestEditsThatBookingsForbid(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var ids []booking.BookingID
	for range 2 {
		a := s.do(t, "POST", bookings, `{"service":"yoga","start":"2026-11-23T09:00:00+01:00","party_size":2,`+ada+`}`).want(t, 201, "")
		ids = append(ids, decode[httpapi.Booking](t, a).ID)
	}
	slices.Sort(ids) // they start together, and so are listed by id
	for name, edit := range map[string][4]string{
		"less capacity than is taken": {"PUT", venues + "/resources/hall", edited(hallBody, `"capacity":4`, `"capacity":3`), "capacity"},
		"another zone":                {"PUT", venues, edited(venueBody, "Europe/Berlin", "Europe/London"), "time_zone"},
		"archiving the resource":      {"DELETE", venues + "/resources/hall", "", ""},
		"archiving the service":       {"DELETE", venues + "/services/yoga", "", ""},
		"archiving the venue":         {"DELETE", venues, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fields []string
			if edit[3] != "" {
				fields = []string{edit[3]}
			}
			p := s.do(t, edit[0], edit[1], edit[2], admin()).want(t, 409, "in_use", fields...).problem
			if !slices.Equal(p.Bookings, ids) || p.More {
				t.Errorf("the bookings in the way are %v, more: %v; want %v", p.Bookings, p.More, ids)
			}
		})
	}
}

func TestVenuesArePaged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 4 {
		s.do(t, "PUT", fmt.Sprintf("/v1/venues/venue-%d", i), venueBody, admin()).want(t, 201, "")
	}
	var ids []string
	next := "/v1/venues?limit=2"
	for pages := 0; next != ""; pages++ {
		if pages > 3 {
			t.Fatalf("the pages do not end: %s", next)
		}
		a := s.do(t, "GET", next, "").want(t, 200, "")
		for _, v := range decode[httpapi.Venues](t, a).Venues {
			ids = append(ids, string(v.ID))
		}
		next = nextPage(t, a)
	}
	if got := strings.Join(ids, " "); got != "barber venue-0 venue-1 venue-2 venue-3" {
		t.Errorf("the pages hold %s", got)
	}
}

// nextPage is the address that an answer's Link header leads to, "" if it has none.
func nextPage(t *testing.T, a *answer) string {
	t.Helper()
	link := a.header.Get("Link")
	if link == "" {
		return ""
	}
	address, ok := strings.CutSuffix(link, `>; rel="next"`)
	if !ok || address[0] != '<' {
		t.Fatalf("the Link header is %q", link)
	}
	return address[1:]
}

func TestListsLeaveOutWhatIsArchived(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "DELETE", venues+"/services/yoga", "", admin()).want(t, http.StatusNoContent, "")
	s.do(t, "DELETE", venues+"/resources/hall", "", admin()).want(t, http.StatusNoContent, "")
	services := decode[httpapi.Services](t, s.do(t, "GET", venues+"/services", "")).Services
	if len(services) != 1 || services[0].ID != "cut" {
		t.Errorf("the services are %+v", services)
	}
	resources := decode[httpapi.Resources](t, s.do(t, "GET", venues+"/resources", "")).Resources
	if len(resources) != 2 || resources[0].ID != "jonas" || resources[1].ID != "mia" {
		t.Errorf("the resources are %+v", resources)
	}
	s.do(t, "GET", venues+"/services/yoga", "").want(t, 404, "not_found")
	s.do(t, "GET", venues+"/resources/hall", "").want(t, 404, "not_found")
}

// Lists come in the order that was set, and by id where it is the same.
func TestListsHaveAnOrder(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const path = "/v1/venues/ordered"
	s.do(t, "PUT", path, `{"name":"Ordered","time_zone":"UTC"}`, admin()).want(t, 201, "")
	put := func(id string, order, status int) {
		t.Helper()
		field := fmt.Sprintf(`,"order":%d`, order)
		s.do(t, "PUT", path+"/resources/"+id, `{"name":"R","capacity":1,`+week+field+`}`, admin()).want(t, status, "")
		s.do(t, "PUT", path+"/services/"+id, `{"name":"S","duration_minutes":30,"requires":[{"resource":"`+id+`"}]`+field+`}`, admin()).
			want(t, status, "")
	}
	list := func() (ids string) {
		t.Helper()
		resources := decode[httpapi.Resources](t, s.do(t, "GET", path+"/resources", "").want(t, 200, "")).Resources
		for i, service := range decode[httpapi.Services](t, s.do(t, "GET", path+"/services", "").want(t, 200, "")).Services {
			ids += string(service.ID)
			if string(resources[i].ID) != string(service.ID) {
				t.Errorf("the %d-th resource is %s, the service %s", i, resources[i].ID, service.ID)
			}
		}
		return ids
	}
	for _, id := range []string{"c", "a", "b"} {
		put(id, 0, 201)
	}
	if got := list(); got != "abc" {
		t.Errorf("without an order the list is %s", got)
	}
	put("b", 1, 200)
	put("a", 2, 200)
	if got := list(); got != "cba" {
		t.Errorf("the list is %s, not c, b, a", got)
	}
	s.do(t, "PUT", path+"/resources/a", `{"name":"R","capacity":1,`+week+`,"order":-1}`, admin()).want(t, 422, "invalid", "order")
}

// A dry run is refused as the edit would be, and changes nothing.
func TestDryRunsChangeNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "POST", bookings, `{"service":"yoga","start":"2026-11-23T09:00:00+01:00","party_size":2,`+ada+`}`).want(t, 201, "")
	const dry = "?dry_run=true"
	read := func() string {
		t.Helper()
		return string(s.do(t, "GET", venues, "").body) + string(s.do(t, "GET", venues+"/resources", "").body) +
			string(s.do(t, "GET", venues+"/services", "").body) + string(s.do(t, "GET", "/v1/venues", "").body)
	}
	before := read()
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
		fields             []string
	}{
		{"PUT", venues + dry, edited(venueBody, `"Barber"`, `"Barbers"`), 200, "", nil},
		{"PUT", venues + dry, edited(venueBody, "Europe/Berlin", "Europe/London"), 409, "in_use", []string{"time_zone"}},
		{"PUT", "/v1/venues/shop" + dry, venueBody, 200, "", nil},
		{"PUT", "/v1/venues/admin" + dry, venueBody, 422, "invalid", []string{"id"}},
		{"PUT", venues + "/resources/hall" + dry, edited(hallBody, `"capacity":4`, `"capacity":3`), 200, "", nil},
		{"PUT", venues + "/resources/hall" + dry, edited(hallBody, `"capacity":4`, `"capacity":1`), 409, "in_use", []string{"capacity"}},
		{"PUT", venues + "/resources/new" + dry, chairBody, 200, "", nil},
		{"PUT", venues + "/services/cut" + dry, edited(cutBody, "Haircut", "Cut"), 200, "", nil},
		{"PUT", venues + "/services/cut" + dry, edited(cutBody, "jonas", "zoe"), 422, "invalid", []string{"requires[0].any_of[1]"}},
		{"DELETE", venues + "/services/cut" + dry, "", 204, "", nil},
		{"DELETE", venues + "/services/yoga" + dry, "", 409, "in_use", nil},
		{"DELETE", venues + "/resources/mia" + dry, "", 409, "in_use", nil},
		{"DELETE", venues + dry, "", 409, "in_use", nil},
		{"DELETE", venues + "/services/nothing" + dry, "", 404, "not_found", nil},
		{"PUT", venues + "?dry_run=yes", venueBody, 422, "invalid", []string{"dry_run"}},
		{"PUT", venues + "?dryrun=true", venueBody, 422, "invalid", []string{"dryrun"}},
	} {
		s.do(t, c.method, c.path, c.body, admin()).want(t, c.status, c.code, c.fields...)
		if after := read(); after != before {
			t.Fatalf("%s %s changed something:\n%s\n%s", c.method, c.path, before, after)
		}
	}
	s.do(t, "PUT", venues+dry, venueBody).want(t, 401, "unauthenticated")
	s.do(t, "PUT", venues+dry, venueBody, admin(), header("If-Match", `"99"`)).want(t, 412, "precondition_failed")
	s.do(t, "PUT", venues+"?dry_run=false", edited(venueBody, `"Barber"`, `"Barbers"`), admin()).want(t, 200, "")
	if read() == before {
		t.Error("an edit that is no dry run changed nothing")
	}
}

// A resource that a service requires stays: without it the service could not be booked any more, nor be saved as it is. The refusal names
// the services.
func TestResourceInUseByServices(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const mia = venues + "/resources/mia"
	for _, dry := range []string{"?dry_run=true", ""} {
		p := s.do(t, "DELETE", mia+dry, "", admin()).want(t, 409, "in_use").problem
		if !slices.Equal(p.Services, []booking.ServiceID{"cut"}) || !strings.Contains(p.Detail, "The service cut requires it.") {
			t.Errorf("in the way of %q: %v, %s", dry, p.Services, p.Detail)
		}
	}
	s.do(t, "PUT", venues+"/services/cut", edited(cutBody, `"any_of":["mia","jonas"]`, `"resource":"jonas"`), admin()).want(t, 200, "")
	s.do(t, "DELETE", mia, "", admin()).want(t, 204, "")
	s.do(t, "DELETE", venues+"/services/cut", "", admin()).want(t, 204, "")
	s.do(t, "DELETE", venues+"/resources/jonas", "", admin()).want(t, 204, "")
}

// Settings that can never work are refused when the service is put. From the resource's side they may come first, or for a while, and are
// answered with a warning for each service, by a dry run too.
func TestEditsWarnOfServicesThatCannotBeBooked(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const hall = venues + "/resources/hall"
	class := edited(yogaBody, `"per_person":true`, `"units":3`)
	s.do(t, "PUT", venues+"/services/yoga", class, admin()).want(t, 200, "")
	for name, c := range map[string]struct{ old, replacement, field string }{
		"as it is":                    {`"capacity":4`, `"capacity":4`, ""},
		"less capacity than it takes": {`"capacity":4`, `"capacity":2`, "requires[0].units"},
		"closed for the season":       {week, `"hours":{}`, "requires[0]"},
		"shorter than the service":    {week, `"hours":{"mon":["09:00-09:30"]}`, "duration_minutes"},
	} {
		body := edited(hallBody, c.old, c.replacement)
		for _, dry := range []string{"?dry_run=true", ""} {
			a := s.do(t, "PUT", hall+dry, body, admin()).want(t, 200, "")
			warnings := decode[httpapi.Resource](t, a).Warnings
			if c.field == "" && len(warnings) == 0 {
				continue
			}
			if len(warnings) != 1 || warnings[0].Service != "yoga" || warnings[0].Field != c.field {
				t.Errorf("%s%s: warnings %v, want one of %q", name, dry, warnings, c.field)
			}
		}
		s.do(t, "PUT", hall, hallBody, admin()).want(t, 200, "")
	}
	s.do(t, "PUT", hall, edited(hallBody, week, `"hours":{}`), admin()).want(t, 200, "")
	for _, dry := range []string{"?dry_run=true", ""} {
		a := s.do(t, "PUT", venues+"/services/yoga"+dry, class, admin()).want(t, 200, "")
		if w := decode[httpapi.Service](t, a).Warnings; len(w) != 1 || w[0].Field != "requires[0]" {
			t.Errorf("a service of a resource without hours%s: warnings %v", dry, w)
		}
	}
	if a := s.do(t, "GET", venues+"/services/yoga", ""); strings.Contains(string(a.body), "warnings") {
		t.Errorf("a warning of an edit is read again: %s", a.body)
	}
}
