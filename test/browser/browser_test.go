// Package browser tests the pages in a real browser, against the built server: what customers see and do. The scenarios are written
// for Node's test runner, in the files beside this one; this test gives them a server and runs them, one file after the other:
// `go test ./test/browser -run TestPages/calendar` runs those of calendar.test.mjs alone.
package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/test/proc"
)

func TestMain(m *testing.M) { proc.Main(m) }

func TestPages(t *testing.T) { //nolint:tparallel // one browser at a time: each uses all cores
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing; `make setup` installs it")
	}
	if _, err := os.Stat("../../web/node_modules/playwright-core"); err != nil {
		t.Fatal("the browser's driver is missing; `make test-browser` installs it")
	}
	scenarios, err := filepath.Glob("*.test.mjs")
	if err != nil || len(scenarios) == 0 {
		t.Fatalf("no scenarios found: %v", err)
	}
	url := serve(t)
	for _, file := range scenarios { //nolint:paralleltest // the same
		t.Run(strings.TrimSuffix(file, ".test.mjs"), func(t *testing.T) {
			node := exec.CommandContext(t.Context(), "node", "--test", file)
			node.Env = append(os.Environ(), "VACANCY_URL="+url, "VACANCY_KEY="+proc.AdminKey, "CHROMIUM="+chromium)
			node.Stdout, node.Stderr = t.Output(), t.Output()
			if err := node.Run(); err != nil {
				t.Error(err)
			}
		})
	}
}

// serve starts the built server with tennis clubs of two courts, open at all hours.
func serve(t *testing.T) (url string) {
	t.Helper()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"))
	furnish(t, server.Client(t))
	return server.URL
}

func furnish(t *testing.T, api *client.Client) {
	t.Helper()
	always := make(map[string][]string)
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		always[day] = []string{"00:00-24:00"}
	}
	// One venue for each scenario, so that they do not book each other's courts.
	for _, id := range []string{"watch", "lost", "taken-back", "keyboard", "reach", "away", "full-list"} {
		_, err := api.PutVenue(t.Context(), client.Venue{
			ID: id, Name: "Tennis " + id, TimeZone: "Europe/Berlin",
			Contact: client.Contact{Email: "desk@example.com", Phone: "+49 30 1234567"},
		})
		must(t, err)
		for _, court := range []string{"court-1", "court-2"} {
			_, err := api.PutResource(t.Context(), id, client.Resource{ID: court, Name: "Court " + court[6:], Capacity: 1, Hours: always})
			must(t, err)
		}
		_, err = api.PutService(t.Context(), id, client.Service{
			ID: "hour", Name: "One hour", DurationMinutes: 60, StepMinutes: 60, Price: &client.Price{Amount: "20.00", Currency: "EUR"},
			Requires: []client.Requirement{{AnyOf: []string{"court-1", "court-2"}}},
		})
		must(t, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
