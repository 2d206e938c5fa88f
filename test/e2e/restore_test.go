package e2e

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// A database file is copied away, bookings are made, and the copy is put back. Whoever comes with a position of the history that is
// gone is told so at once, whether the new one is behind that position or has gone past it.
func TestRestoredFileBeginsANewHistory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "v.db")
	server := proc.Launch(t, "sqlite:"+file)
	class(t, server.Client(t), 100)
	must(t, server.Stop(t.Context()))
	saved, err := os.ReadFile(file)
	must(t, err)

	server = proc.Launch(t, "sqlite:"+file)
	var lost client.Booking
	for range 3 {
		lost, err = server.Client(t).Book(t.Context(), "studio", wish())
		must(t, err)
	}
	must(t, server.Stop(t.Context()))
	must(t, os.WriteFile(file, saved, 0o600))

	c := proc.Launch(t, "sqlite:"+file).Client(t)
	checkForgotten(t, c, lost.Position)
	for range 5 {
		_, err = c.Book(t.Context(), "studio", wish())
		must(t, err)
	}
	checkForgotten(t, c, lost.Position)
}

// checkForgotten comes with a position of a history that is gone.
func checkForgotten(t *testing.T, c *client.Client, position string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	q := query()
	q.AtLeast = position
	if _, err := c.Availability(ctx, q); !client.IsCode(err, client.CodeInvalid) || !strings.Contains(err.Error(), "at_least") {
		t.Errorf("at_least of another history ends with %v", err)
	}
	live := c.BaseURL() + "/v1/live?venue=studio&service=class&from=" + q.From + "&to=" + q.To + "&position=" + url.QueryEscape(position)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, live, nil)
	must(t, err)
	response, err := new(http.Client).Do(request)
	must(t, err)
	defer response.Body.Close()
	var events []string
	for lines := bufio.NewScanner(response.Body); len(events) < 2 && lines.Scan(); {
		if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			events = append(events, event)
		}
	}
	if strings.Join(events, ",") != "reset,snapshot" {
		t.Errorf("the stream begins with %q", events)
	}
}
