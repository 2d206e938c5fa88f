package e2e

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// A reader has moved to the server that uses the new primary, and comes to one that has not noticed: its database is away, and it cannot
// see the new one. It is not taken back to what was left: it is told that what it has is stale, and goes on from there once the server sees
// the new primary. If the server does not see it in time, the reader begins anew.
func TestReaderComesToANodeThatHasNotNoticed(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	way := cutOff(t, b.Host(t))
	one, _ := node(t, "", a.Host(t), b.Host(t))
	late, _ := node(t, "", a.Host(t), way.Listen)
	class(t, one.Client(t), places)
	await(t, b.URL(), `SELECT count(*) = 1 FROM services`)
	before := availability(t, late.Client(t), query()) // it has the venue in memory
	way.Stop()
	a.Crash(t)
	b.Promote(t)
	books(t, one)
	_, err := one.Client(t).Book(t.Context(), "studio", wish())
	must(t, err)
	seen := availability(t, one.Client(t), query())
	if !strings.HasPrefix(before.Position, "1-") || !strings.HasPrefix(seen.Position, "2-") {
		t.Fatalf("the reader goes from %s to %s", before.Position, seen.Position)
	}

	given := openLive(t, late, seen.Position)
	next(t, given, "event: stale")
	if line := next(t, given, "event: "); line != "event: reset" {
		t.Errorf("a reader whose term is not found is told %q", line)
	}
	if line := next(t, given, "id: "); !strings.HasPrefix(line, "id: 1-") {
		t.Errorf("it begins anew at %q", line)
	}

	waits := openLive(t, late, seen.Position)
	next(t, waits, "event: stale")
	must(t, way.Start())
	if line := next(t, waits, "event: "); line == "event: snapshot" {
		t.Errorf("the reader is given a snapshot without a reset")
	}
	_, err = one.Client(t).Book(t.Context(), "studio", wish())
	must(t, err)
	if line := next(t, waits, "id: "); !strings.HasPrefix(line, "id: 2-") {
		t.Errorf("the reader that waited is given %q", line)
	}
	if n := figure(t, get(t, late.URL+"/metrics"), "vacancy_live_later_terms_total"); n < 2 {
		t.Errorf("the server says that %v readers knew more", n)
	}
	if again := availability(t, late.Client(t), withPosition(query(), seen.Position)); !strings.HasPrefix(again.Position, "2-") {
		t.Errorf("who asks for that position is answered at %s", again.Position)
	}
}

// A stranger makes terms up, again and again, of a server that sees all its hosts: its answers stay what they are, and bookings go on.
func TestInventedTerms(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, postgrestest.Shared(t).Schema(t))
	class(t, server.Client(t), places)
	for range 5 {
		next(t, openLive(t, server, "zzzz-invented.1.0"), "event: stale")
		_, err := server.Client(t).Availability(t.Context(), withPosition(query(), "zzzz-invented.1.0"))
		if !client.IsCode(err, client.CodeInvalid) {
			t.Errorf("who asks for a position of a term that there is not is answered %v", err)
		}
		_, err = server.Client(t).Book(t.Context(), "studio", wish())
		must(t, err)
		if a := availability(t, server.Client(t), query()); a.Stale {
			t.Error("a stranger has made the server stale")
		}
	}
}

func withPosition(q client.Query, position string) client.Query {
	q.AtLeast = position
	return q
}

// openLive opens a stream of [query] with a position.
func openLive(t *testing.T, server *proc.Process, position string) *bufio.Scanner {
	t.Helper()
	values := url.Values{"venue": {"studio"}, "service": {"class"}, "from": {query().From}, "to": {query().To}, "position": {position}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/live?"+values.Encode(), nil)
	must(t, err)
	response, err := (&http.Client{Timeout: time.Minute}).Do(r)
	must(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the stream is answered with %d", response.StatusCode)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return lines
}
