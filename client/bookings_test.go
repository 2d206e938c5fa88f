package client

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
)

// paged lists 25 bookings, ten on a page.
func paged(w http.ResponseWriter, r *http.Request) {
	const all, page = 25, 10
	from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	if from+page < all {
		w.Header().Add("Link", `</docs>; rel="help", <?status=confirmed&cursor=`+strconv.Itoa(from+page)+`>; rel="next"`)
	}
	_, _ = fmt.Fprint(w, `{"bookings":[`)
	for i := from; i < min(from+page, all); i++ {
		if i > from {
			_, _ = fmt.Fprint(w, ",")
		}
		_, _ = fmt.Fprintf(w, `{"id":"bk_%d"}`, i)
	}
	_, _ = fmt.Fprint(w, `]}`)
}

func TestBookingsPages(t *testing.T) {
	t.Parallel()
	c, script, _ := scripted(t, paged)
	var ids []string
	q := BookingsQuery{From: "2026-11-24", Statuses: []BookingStatus{Held, Confirmed}, PageSize: 10}
	for b, err := range c.Bookings(t.Context(), "v", q) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, b.ID)
	}
	if len(ids) != 25 || ids[24] != "bk_24" || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 25 {
		t.Errorf("%d bookings: %v", len(ids), ids)
	}
	var asked []string
	for _, r := range script.seen() {
		asked = append(asked, r.RequestURI)
	}
	want := []string{
		"/v1/venues/v/bookings?from=2026-11-24&limit=10&status=held%2Cconfirmed",
		"/v1/venues/v/bookings?status=confirmed&cursor=10",
		"/v1/venues/v/bookings?status=confirmed&cursor=20",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}

func TestBookingsStopEarly(t *testing.T) {
	t.Parallel()
	c, script, _ := scripted(t, paged)
	for _, err := range c.Bookings(t.Context(), "v", BookingsQuery{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if n := len(script.seen()); n != 1 {
		t.Errorf("%d pages for one booking", n)
	}
}

func TestBookingsErrors(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]http.HandlerFunc{
		"refused page":      answerWith(403, `{"code":"forbidden"}`),
		"link to elsewhere": answerWith(200, `{"bookings":[]}`, "Link", `<https://elsewhere.example/v1>; rel=next`),
	} {
		c, _, _ := scripted(t, answerWith(200, `{"bookings":[{"id":"a"}]}`, "Link", `<?cursor=1>; rel="next"`), second)
		got := 0
		var last error
		for _, err := range c.Bookings(t.Context(), "v", BookingsQuery{}) {
			got++
			last = err
		}
		if got != 2 || last == nil {
			t.Errorf("%s: %d yields, the last with %v", name, got, last)
		}
	}
}
