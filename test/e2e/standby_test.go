package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// TestSynchronousStandbyAnswers: the database has a synchronous standby that confirms. A booking, its repeat on another node, which proves
// what it has found, and a look at it are all told as done.
func TestSynchronousStandbyAnswers(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	one, other := proc.Launch(t, database.URL()), proc.Launch(t, database.URL())
	class(t, one.Client(t), 10)
	standby := database.Standby(t, "witness")
	standby.WaitedFor(t)
	body, err := json.Marshal(wish())
	must(t, err)
	book := func(node *proc.Process) (status int, answer string) {
		return sendOnce(t, "POST", node.URL+"/v1/venues/studio/bookings", body,
			"Content-Type", "application/json", "Idempotency-Key", strings.Repeat("witnessed-", 3))
	}
	status, first := book(one)
	if status != http.StatusCreated {
		t.Fatalf("the booking is answered with %d: %s", status, first)
	}
	for _, node := range []*proc.Process{one, other} {
		if status, again := book(node); status != http.StatusCreated || again != first {
			t.Errorf("a repeat is answered with %d: %s, and the first was %s", status, again, first)
		}
		var booked client.Booking
		must(t, json.Unmarshal([]byte(first), &booked))
		status, seen := sendOnce(t, "GET", node.URL+"/v1/venues/studio/bookings/"+booked.ID, nil, "Authorization", "Bearer "+booked.ManageToken)
		if status != http.StatusOK {
			t.Errorf("a look at the booking is answered with %d: %s", status, seen)
		}
	}
}

// sendOnce sends a request once, with pairs of header fields; a client of ours would repeat what is unavailable.
func sendOnce(t *testing.T, method, url string, body []byte, header ...string) (status int, answer string) {
	t.Helper()
	plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	must(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := plain.Do(r)
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(text)
}
