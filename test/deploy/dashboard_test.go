package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

const dashboardFile = "deploy/grafana/vacancy.json"

func TestDashboardIsTheCommittedOne(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "run", "./dashboard")
	cmd.Dir = "../../tools"
	made, err := cmd.Output()
	must(t, err)
	if string(made) != read(t, dashboardFile) {
		t.Errorf("%s is not what tools/dashboard makes; run 'make generate' and commit it", dashboardFile)
	}
}

// panelQuery is one query of a panel.
type panelQuery struct{ panel, expr string }

func panelQueries(t *testing.T) (all []panelQuery) {
	t.Helper()
	var document struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	must(t, json.Unmarshal([]byte(read(t, dashboardFile)), &document))
	for _, p := range document.Panels {
		for _, target := range p.Targets {
			all = append(all, panelQuery{p.Title, target.Expr})
		}
	}
	if len(all) < 40 {
		t.Errorf("only %d queries were found", len(all))
	}
	return all
}

func TestDashboardUsesKnownFigures(t *testing.T) {
	t.Parallel()
	known := knownFigures(t)
	for _, q := range panelQueries(t) {
		for _, name := range unknownFigures(known, q.expr) {
			t.Errorf("%s looks at %s, which there is not", q.panel, name)
		}
	}
}

// Every query of the dashboard shows something: a real Prometheus scrapes servers on both databases, which are booked at, watched, edited
// and knocked at with wrong keys meanwhile.
func TestDashboardShowsSomething(t *testing.T) {
	t.Parallel()
	servers := []*proc.Process{
		proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--probe-interval", "1s"),
		proc.Launch(t, postgrestest.Shared(t).Schema(t), "--probe-interval", "1s"),
	}
	p := startPrometheus(t, servers[0].URL, servers[1].URL)
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	defer func() { stop(); busy.Wait() }()
	for _, s := range servers {
		furnish(t, s.Client(t))
		busy.Go(func() { stir(ctx, t, s) })
		busy.Go(func() { watch(ctx, s.Client(t)) })
	}
	fill := strings.NewReplacer("$job", "vacancy", "$instance", ".*", "$__rate_interval", "20s")
	for _, q := range panelQueries(t) {
		expr := fill.Replace(q.expr)
		eventually(t, 2*time.Minute, q.panel+" shows nothing for "+expr, func() bool {
			values, err := p.query(t.Context(), expr)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				if v != "NaN" {
					return true
				}
			}
			return false
		})
	}
	// The control: a series that there is not shows nothing.
	if values, err := p.query(t.Context(), `vacancy_no_such_series{job="vacancy"}`); err != nil || len(values) > 0 {
		t.Errorf("a series that there is not has the values %v, %v", values, err)
	}
}

var everyDay = map[string][]string{
	"mon": {"00:00-24:00"}, "tue": {"00:00-24:00"}, "wed": {"00:00-24:00"}, "thu": {"00:00-24:00"},
	"fri": {"00:00-24:00"}, "sat": {"00:00-24:00"}, "sun": {"00:00-24:00"},
}

// furnish puts a venue with a class of one place, every hour.
func furnish(t *testing.T, c *client.Client) {
	t.Helper()
	_, err := c.PutVenue(t.Context(), client.Venue{ID: "studio", Name: "Studio", TimeZone: "UTC"})
	must(t, err)
	_, err = c.PutResource(t.Context(), "studio", client.Resource{ID: "room", Name: "Room", Capacity: 1, Hours: everyDay})
	must(t, err)
	_, err = c.PutService(t.Context(), "studio", client.Service{
		ID: "class", Name: "Class", DurationMinutes: 60, StepMinutes: 60, HorizonDays: 30,
		Requires: []client.Requirement{{Resource: "room"}},
	})
	must(t, err)
}

// day is the one that is watched, and booked at.
func day() time.Time { return time.Now().UTC().AddDate(0, 0, 3).Truncate(24 * time.Hour) }

// stir books a place twice, the second time in vain, gives it back, edits the room, and comes with a wrong key, until ctx ends.
func stir(ctx context.Context, t *testing.T, server *proc.Process) {
	t.Helper()
	c := server.Client(t)
	wish := client.NewBooking{
		Service: "class", Start: day().Add(10 * time.Hour), PartySize: 1, Customer: &client.Customer{Name: "Ada", Email: "ada@example.com"},
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for round := 0; ; round++ {
		made, err := c.Book(ctx, "studio", wish)
		if err == nil {
			_, _ = c.Book(ctx, "studio", wish) // it is taken: a problem to be counted
			_, err = c.Cancel(ctx, "studio", made.ID)
		}
		if err == nil && round%20 == 0 {
			name := fmt.Sprintf("Room %d", round)
			_, err = c.PutResource(ctx, "studio", client.Resource{ID: "room", Name: name, Capacity: 1 + round%2, Hours: everyDay})
		}
		if err == nil {
			err = knock(ctx, server.URL)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			t.Errorf("the load fails: %v", err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// knock comes with a wrong key, as a client behind a proxy on this machine.
func knock(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/venues/studio/bookings", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer a-wrong-key-of-sixteen")
	r.Header.Set("X-Forwarded-For", "198.51.100.7")
	res, err := new(http.Client).Do(r)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// watch is a reader.
func watch(ctx context.Context, c *client.Client) {
	date := day().Format(time.DateOnly)
	for _, err := range c.Watch(ctx, client.Query{Venue: "studio", Service: "class", From: date, To: date}) {
		if err != nil {
			return // the test is over
		}
	}
}
