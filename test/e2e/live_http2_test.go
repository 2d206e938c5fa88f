package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// A live reader over HTTP/2 outlives every timeout of the server while nothing happens, and gets what happens then. Another on the same
// connection that stops reading in the middle of a frame holds up nobody, and has the newest state when it reads on.
func TestLiveOverHTTP2(t *testing.T) {
	t.Parallel()
	certificate := newPair(t)
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), certificate.flags()...)
	caller := certificate.caller(t, true)
	api, err := client.New(server.URL, client.WithKey(proc.AdminKey), client.WithHTTPClient(certificate.caller(t, false)))
	must(t, err)
	class(t, api, 1000)
	open := func(days int) *bufio.Scanner {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/live?venue=studio&service=class&from="+
			query().From+"&to="+tomorrow().AddDate(0, 0, days).Format(time.DateOnly), nil)
		must(t, err)
		r, err := caller.Do(request)
		must(t, err)
		t.Cleanup(func() { _ = r.Body.Close() })
		if r.ProtoMajor != 2 || r.StatusCode != http.StatusOK {
			t.Fatalf("the stream came by %s with %d", r.Proto, r.StatusCode)
		}
		lines := bufio.NewScanner(r.Body)
		lines.Buffer(nil, 1<<20)
		return lines
	}
	slow, quick := open(40), open(0) // the slow one's snapshot is larger than what the connection holds for it
	next(t, quick, "event: snapshot")
	for n := range 30 {
		_, err := api.Book(t.Context(), "studio", wish())
		must(t, err)
		for left := 1000; left != 999-n; {
			left = remaining(t, next(t, quick, "data: "))
		}
	}
	next(t, slow, "event: snapshot")
	for left := 1000; left != 970; {
		left = remaining(t, next(t, slow, "data: "))
	}
	for range 3 { // 45 seconds
		next(t, quick, ":")
	}
	_, err = api.Book(t.Context(), "studio", wish())
	must(t, err)
	for _, reader := range []*bufio.Scanner{quick, slow} {
		if left := remaining(t, next(t, reader, "data: ")); left != 969 {
			t.Errorf("after a time without changes, a reader is told of %d places", left)
		}
	}
}

// next reads up to a line that begins with the words, and returns it.
func next(t *testing.T, lines *bufio.Scanner, begins string) string {
	t.Helper()
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), begins) {
			return lines.Text()
		}
	}
	t.Fatalf("the stream ended before a line that begins with %q: %v", begins, lines.Err())
	return ""
}

// remaining is what a frame says of tomorrow's noon; 1000 if it says nothing of it.
func remaining(t *testing.T, line string) int {
	t.Helper()
	var frame struct {
		Slots []client.Slot
		Days  []client.Day
	}
	must(t, json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &frame))
	for _, day := range frame.Days {
		frame.Slots = append(frame.Slots, day.Slots...)
	}
	for _, slot := range frame.Slots {
		if slot.Start.Equal(tomorrow()) {
			return slot.Remaining
		}
	}
	return 1000
}
