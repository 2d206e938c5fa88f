package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/live/wire"
)

// book makes a booking and returns it.
func (s *server) book(t *testing.T, body string, options ...option) httpapi.Booking {
	t.Helper()
	return decode[httpapi.Booking](t, s.do(t, "POST", bookings, body, options...).want(t, 201, ""))
}

func bookingAt(start, more string) string {
	return `{"service":"cut","start":"2026-11-23T` + start + `:00+01:00"` + more + `}`
}

func TestBookingHasTheVenuesTimes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	// The same instant as 09:00 in Berlin, as a customer in India writes it.
	a := s.do(t, "POST", bookings, `{"service":"cut","start":"2026-11-23T13:30:00+05:30","resource":"mia",`+ada+`}`).want(t, 201, "")
	b := decode[httpapi.Booking](t, a)
	if b.Start != "2026-11-23T09:00:00+01:00" || b.End != "2026-11-23T09:30:00+01:00" || b.CreatedAt != "2026-11-23T06:00:00+01:00" {
		t.Errorf("start %s, end %s, created %s", b.Start, b.End, b.CreatedAt)
	}
	if b.Status != booking.Confirmed || b.ExpiresAt != "" || len(b.Token) < 22 || b.Position == "" || len(b.Code) != 9 {
		t.Errorf("got %s", a.body)
	}
	if !slices.Equal(b.Claims, []httpapi.Claim{{Resource: "mia", Units: 1}}) || b.Customer.Name != "Ada" {
		t.Errorf("got %s", a.body)
	}
	if got := a.header.Get("Location"); got != bookings+"/"+string(b.ID) {
		t.Errorf("Location is %q", got)
	}
	read := s.do(t, "GET", a.header.Get("Location"), "", bearer(b.Token)).want(t, 200, "")
	if got := strings.TrimSuffix(string(a.body), `,"manage_token":"`+b.Token+`"}`) + "}"; got != string(read.body) {
		t.Errorf("GET answers other than POST did, the token aside:\n%s\n%s", read.body, a.body)
	}
	document, err := httpapi.BookingDocument(s.outcome(t, b))
	if err != nil || !bytes.Equal(document, read.body) {
		t.Errorf("the live hub's document is %s, %v", document, err)
	}
	if read.header.Get("Cache-Control") != "no-store" || a.header.Get("Cache-Control") != "no-store" {
		t.Error("a booking may be kept by caches")
	}
}

// outcome is what the desk says of a booking.
func (s *server) outcome(t *testing.T, b httpapi.Booking) desk.Outcome {
	t.Helper()
	o, err := s.desk.Booking(t.Context(), booking.Actor{Kind: booking.Staff}, b.Venue, b.ID)
	must(t, err)
	o.Token = b.Token // which must not show
	return o
}

func TestHoldIsExtendedConfirmedAndCancelled(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	held := s.book(t, bookingAt("09:00", `,"hold":true`))
	if held.Status != booking.Held || held.ExpiresAt != "2026-11-23T06:10:00+01:00" {
		t.Fatalf("got %+v", held)
	}
	at := bookings + "/" + string(held.ID)
	own := bearer(held.Token)
	s.clock.Advance(5 * time.Minute)
	if b := decode[httpapi.Booking](t, s.do(t, "POST", at+"/extend", `{}`, own).want(t, 200, "")); b.ExpiresAt != "2026-11-23T06:15:00+01:00" {
		t.Errorf("extended to %s", b.ExpiresAt)
	}
	s.do(t, "POST", at+"/extend", "", own).want(t, 200, "")
	s.do(t, "POST", at+"/extend", "", own).want(t, 200, "")
	s.do(t, "POST", at+"/extend", "", own).want(t, 409, "wrong_status")
	s.do(t, "POST", at+"/confirm", "", own).want(t, 422, "invalid", "customer.name", "customer.email")
	s.do(t, "POST", at+"/confirm", `{"customer":{"name":"Ada"}}`, own).want(t, 422, "invalid", "customer.email")
	confirmed := s.do(t, "POST", at+"/confirm", `{`+ada+`}`, own).want(t, 200, "")
	b := decode[httpapi.Booking](t, confirmed)
	if b.Status != booking.Confirmed || b.ExpiresAt != "" || b.Token != "" || b.Customer.Name != "Ada" {
		t.Errorf("got %s", confirmed.body)
	}
	s.do(t, "POST", at+"/confirm", `{`+ada+`}`, own).want(t, 200, "")
	s.do(t, "POST", at+"/confirm", `{"customer":{"name":"Eve","phone":"12345"}}`, own).want(t, 409, "wrong_status")
	cancelled := s.do(t, "POST", at+"/cancel", "", own).want(t, 200, "")
	if b := decode[httpapi.Booking](t, cancelled); b.Status != booking.Cancelled {
		t.Errorf("got %s", cancelled.body)
	}
	s.do(t, "POST", at+"/cancel", "", own).want(t, 200, "")
	s.do(t, "POST", at+"/extend", "", own).want(t, 409, "wrong_status")
}

func TestExpiredHold(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	held := s.book(t, bookingAt("09:00", `,"hold":true`))
	at := bookings + "/" + string(held.ID)
	s.clock.Advance(10*time.Minute + time.Second)
	s.do(t, "POST", at+"/confirm", `{`+ada+`}`, bearer(held.Token)).want(t, 409, "hold_expired")
	s.do(t, "POST", at+"/extend", "", bearer(held.Token)).want(t, 409, "hold_expired")
	s.do(t, "POST", at+"/cancel", "", bearer(held.Token)).want(t, 409, "wrong_status")
	if b := decode[httpapi.Booking](t, s.do(t, "GET", at, "", bearer(held.Token))); b.Status != booking.Expired || b.ExpiresAt != "" {
		t.Errorf("got %+v", b)
	}
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada)) // its place is free again
}

func TestBookingIsItsOwners(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	mine := s.book(t, bookingAt("09:00", `,`+ada))
	other := s.book(t, bookingAt("09:30", `,`+ada))
	for _, call := range [][2]string{{"GET", ""}, {"POST", "/confirm"}, {"POST", "/extend"}, {"POST", "/cancel"}} {
		at := bookings + "/" + string(mine.ID) + call[1]
		s.do(t, call[0], at, "").want(t, 401, "unauthenticated")
		s.do(t, call[0], at, "", header("Authorization", "Basic YTpi")).want(t, 401, "unauthenticated")
		s.do(t, call[0], at, "", bearer(other.Token)).want(t, 403, "forbidden")
		s.do(t, call[0], at, "", bearer("nobodys-token")).want(t, 403, "forbidden")
		s.do(t, call[0], bookings+"/bk_nothing"+call[1], "", bearer(mine.Token)).want(t, 404, "not_found")
		s.do(t, call[0], bookings+"/Nothing%20possible"+call[1], "", bearer(mine.Token)).want(t, 404, "not_found")
		s.do(t, call[0], "/v1/venues/nowhere/bookings/"+string(mine.ID)+call[1], "", bearer(mine.Token)).want(t, 404, "not_found")
	}
	s.do(t, "GET", bookings+"/"+string(mine.ID), "", admin()).want(t, 200, "")
	s.do(t, "POST", bookings+"/"+string(mine.ID)+"/cancel", "", admin()).want(t, 200, "")
}

// Who ended a booking is told truly, to its holder and to staff, and in the answers and lists of later.
func TestBookingSaysWhoEndedIt(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	type how struct {
		hold bool
		by   func(*http.Request)
		want booking.Side
	}
	at := []string{"09:00", "09:30", "10:00", "10:30", "11:00"}
	var made []httpapi.Booking
	hows := []how{
		{false, nil, booking.ByCustomer},
		{true, nil, booking.ByCustomer},
		{false, admin(), booking.ByVenue},
		{true, admin(), booking.ByVenue},
	}
	for i, h := range hows {
		b := s.book(t, bookingAt(at[i], fmt.Sprintf(`,"hold":%v,%s`, h.hold, ada)))
		if b.EndedBy != "" {
			t.Errorf("a booking that goes on was ended by %q", b.EndedBy)
		}
		by := h.by
		if by == nil {
			by = bearer(b.Token)
		}
		for range 2 { // a repeat ends nothing
			ended := s.do(t, "POST", bookings+"/"+string(b.ID)+"/cancel", "", by).want(t, 200, "")
			if want := fmt.Sprintf(`"cancelled_by":%q`, h.want); !strings.Contains(string(ended.body), want) {
				t.Errorf("%+v: no %s in %s", h, want, ended.body)
			}
		}
		s.do(t, "POST", bookings+"/"+string(b.ID)+"/cancel", "", admin()).want(t, 200, "") // too late to be the one
		made = append(made, b)
	}
	held := s.book(t, bookingAt(at[4], `,"hold":true`))
	s.clock.Advance(11 * time.Minute)
	_, err := s.desk.ExpireDue(t.Context())
	must(t, err)
	hows, made = append(hows, how{true, nil, booking.BySystem}), append(made, held)
	for i, b := range made {
		read := s.do(t, "GET", bookings+"/"+string(b.ID), "", bearer(b.Token)).want(t, 200, "")
		if want := fmt.Sprintf(`"cancelled_by":%q`, hows[i].want); !strings.Contains(string(read.body), want) {
			t.Errorf("%+v: no %s in %s", hows[i], want, read.body)
		}
	}
}

func TestLostRaceEndsWell(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	p := s.do(t, "POST", bookings, bookingAt("09:00", `,"resource":"mia",`+ada)).want(t, 409, "slot_unavailable").problem
	if len(p.Alternatives) != 5 || p.Waitlist == nil || p.Waitlist.Open {
		t.Fatalf("got %+v", p)
	}
	if p.Support == nil || *p.Support != (httpapi.Contact{Email: "hi@barber.example", Phone: "+49 30 5550"}) {
		t.Errorf("support is %+v", p.Support)
	}
	first := httpapi.Alternative{Resource: "jonas", Slot: wire.Slot{
		Start: "2026-11-23T09:00:00+01:00", End: "2026-11-23T09:30:00+01:00", Remaining: 1, Capacity: 1, Status: booking.Available,
	}}
	if p.Alternatives[0] != first {
		t.Errorf("the first alternative is %+v; want %+v", p.Alternatives[0], first)
	}
	body := fmt.Sprintf(`{"service":"cut","start":%q,"resource":%q,%s}`, first.Start, first.Resource, ada)
	s.do(t, "POST", bookings, body).want(t, 201, "") // what is offered is accepted
	p = s.do(t, "POST", bookings, bookingAt("09:00", `,`+ada)).want(t, 409, "slot_unavailable").problem
	if len(p.Alternatives) != 5 || p.Alternatives[0].Resource != "" || p.Alternatives[0].Start != "2026-11-23T09:30:00+01:00" {
		t.Errorf("the alternatives of a full start are %+v", p.Alternatives)
	}
}

// Of a hundred clients who want a slot with four places at once, four get it, and ninety-six are shown others.
func TestHundredAtOnceForFourPlaces(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	srv := serve(t, s)
	const clients = 100
	answers := make([]*answer, clients)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range clients {
		done.Go(func() {
			start.Wait()
			answers[i] = srv.post(t, bookings, `{"service":"yoga","start":"2026-11-23T10:00:00+01:00",`+ada+`}`)
		})
	}
	start.Done()
	done.Wait()
	count := make(map[int]int)
	for _, a := range answers {
		count[a.status]++
		if a.status == http.StatusConflict && len(a.problem.Alternatives) != 5 {
			t.Errorf("a refusal has %d alternatives: %s", len(a.problem.Alternatives), a.body)
		}
	}
	if count[201] != 4 || count[409] != 96 {
		t.Errorf("the answers are %v; want 4 of 201 and 96 of 409", count)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	key := func(k string) option { return header("Idempotency-Key", k+"-of-a-test-which-is-long") }
	body := bookingAt("09:00", `,`+ada)
	first := s.do(t, "POST", bookings, body, key("k1")).want(t, 201, "")
	// Another way to write the same request.
	reordered := `{ ` + ada + `, "party_size": 1, "hold": false, "start": "2026-11-23T08:00:00Z", "service": "cut" }`
	for _, same := range []string{body, reordered} {
		again := s.do(t, "POST", bookings, same, key("k1")).want(t, 201, "")
		if !bytes.Equal(again.body, first.body) || again.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("a repeat gets another answer:\n%s\n%s", again.body, first.body)
		}
	}
	s.do(t, "POST", bookings, bookingAt("09:30", `,`+ada), key("k1")).want(t, 422, "idempotency_mismatch")
	s.do(t, "POST", bookings, bookingAt("09:00", `,"resource":"mia",`+ada), key("k1")).want(t, 422, "idempotency_mismatch")
	s.do(t, "POST", bookings, body, key("k2")).want(t, 201, "")
	s.do(t, "POST", bookings, body, key("k1"), admin()).want(t, 409, "slot_unavailable") // another caller's key is another key

	b := decode[httpapi.Booking](t, first)
	other := s.book(t, bookingAt("10:00", `,"hold":true`))
	at := bookings + "/" + string(b.ID) + "/cancel"
	gone := s.do(t, "POST", at, "", bearer(b.Token), key("k1")).want(t, 200, "") // another call's key, too
	if again := s.do(t, "POST", at, `{}`, bearer(b.Token), key("k1")).want(t, 200, ""); !bytes.Equal(again.body, gone.body) {
		t.Errorf("a repeat gets another answer:\n%s\n%s", again.body, gone.body)
	}
	confirm := bookings + "/" + string(other.ID) + "/confirm"
	s.do(t, "POST", confirm, `{`+ada+`}`, bearer(other.Token), key("k3")).want(t, 200, "")
	s.do(t, "POST", confirm, `{"customer":{"name":"Eve","phone":"12345"}}`, bearer(other.Token), key("k3")).
		want(t, 422, "idempotency_mismatch")
}

// The same key many times at once: one booking, and everybody gets the same answer.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	srv := serve(t, s)
	bodies := make([]string, 30)
	var done sync.WaitGroup
	for i := range bodies {
		done.Go(func() {
			a := srv.post(t, bookings, bookingAt("09:00", `,"resource":"mia",`+ada), header("Idempotency-Key", "one-key-for-all-of-them"))
			bodies[i] = fmt.Sprint(a.status) + string(a.body)
		})
	}
	done.Wait()
	slices.Sort(bodies)
	if got := slices.Compact(bodies); len(got) != 1 || !strings.HasPrefix(got[0], "201") {
		t.Errorf("there are %d different answers: %.400s", len(got), got)
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var want []string
	for _, start := range []string{"09:00", "09:30", "10:00", "10:30", "11:00"} {
		for range 2 {
			want = append(want, string(s.book(t, bookingAt(start, `,`+ada)).ID))
		}
	}
	tuesday := s.book(t, `{"service":"cut","start":"2026-11-24T09:00:00+01:00","hold":true}`)
	slices.Sort(want[0:2])
	slices.Sort(want[2:4])
	slices.Sort(want[4:6])
	slices.Sort(want[6:8])
	slices.Sort(want[8:10])
	if got := s.list(t, bookings+"?from=2026-11-23&to=2026-11-23&limit=3"); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for query, n := range map[string]int{
		"": 11, "?from=2026-11-24": 1, "?to=2026-11-23": 10, "?to=2026-11-22": 0, "?status=held": 1, "?status=held,confirmed&limit=4": 11,
		"?status=cancelled": 0, "?limit=11": 11, "?limit=10": 11,
	} {
		if got := s.list(t, bookings+query); len(got) != n {
			t.Errorf("%q lists %d bookings; want %d", query, len(got), n)
		}
	}
	a := s.do(t, "GET", bookings+"?status=held", "", admin())
	if b := decode[httpapi.Bookings](t, a).Bookings[0]; b.ID != tuesday.ID || b.Start != tuesday.Start || b.Token != "" {
		t.Errorf("the listing has %s", a.body)
	}
}

// list follows a listing's pages to the end.
func (s *server) list(t *testing.T, next string) (ids []string) {
	t.Helper()
	for pages := 0; next != ""; pages++ {
		if pages > 20 {
			t.Fatalf("the pages do not end: %s", next)
		}
		a := s.do(t, "GET", next, "", admin()).want(t, 200, "")
		for _, b := range decode[httpapi.Bookings](t, a).Bookings {
			ids = append(ids, string(b.ID))
		}
		next = nextPage(t, a)
	}
	return ids
}

// A booking over midnight is listed on both days: a listing has what overlaps the period, not what starts in it.
func TestListingHasWhatOverlaps(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "PUT", venues+"/resources/bar", `{"name":"Bar","capacity":1,"hours":{"mon":["22:00-24:00"],"tue":["00:00-02:00"]}}`, admin()).
		want(t, 201, "")
	s.do(t, "PUT", venues+"/services/night", `{"name":"Night","duration_minutes":240,"requires":[{"resource":"bar"}]}`, admin()).
		want(t, 201, "")
	night := s.book(t, `{"service":"night","start":"2026-11-23T22:00:00+01:00",`+ada+`}`)
	for period, listed := range map[string]bool{
		"?from=2026-11-23&to=2026-11-23": true, "?from=2026-11-24&to=2026-11-24": true, "?from=2026-11-24": true,
		"?from=2026-11-22&to=2026-11-22": false, "?from=2026-11-25": false, "?from=2026-11-25&to=2026-11-26": false,
	} {
		if got := s.list(t, bookings+period); slices.Contains(got, string(night.ID)) != listed {
			t.Errorf("%s lists %v", period, got)
		}
	}
}
