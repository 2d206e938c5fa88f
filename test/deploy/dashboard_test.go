package deploy

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
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

// panelQuery is one query of a panel, or of the moments that are marked.
type panelQuery struct{ panel, expr string }

func panelQueries(t *testing.T) (all []panelQuery) {
	t.Helper()
	var document struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Annotations struct{ List []struct{ Name, Expr string } }
	}
	must(t, json.Unmarshal([]byte(read(t, dashboardFile)), &document))
	for _, a := range document.Annotations.List {
		all = append(all, panelQuery{a.Name, a.Expr})
	}
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

// Every query of the dashboard and of the runbook shows something: a real Prometheus scrapes servers on both databases, one of them with a
// standby, and one server that has a certificate; they are booked at, watched, edited and knocked at with wrong keys meanwhile. Another
// server that Prometheus knows is down, which is an alert. Of events to a broker it is shown figures in which everything goes wrong.
func TestDashboardShowsSomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	primary := postgrestest.Start(t)
	hosts := postgrestest.Hosts(primary.Host(t), primary.Replica(t).Host(t))
	servers := []*proc.Process{
		proc.Launch(t, "sqlite:"+filepath.Join(dir, "v.db"), "--probe-interval", "1s"),
		proc.Launch(t, hosts, "--probe-interval", "1s", "--failover-state", filepath.Join(dir, "failover.json")),
	}
	secured, down := freeAddress(t), freeAddress(t)
	cert, key := certificate(t)
	proc.LaunchAt(t, freeAddress(t), "sqlite:"+filepath.Join(dir, "tls.db"), "--admin-listen", secured, "--tls-cert", cert, "--tls-key", key)
	p := startPrometheus(t, servers[0].URL, servers[1].URL, serveEventFigures(t), secured, down)
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	defer func() { stop(); busy.Wait() }()
	for _, s := range servers {
		furnish(t, s.Client(t))
		busy.Go(func() { stir(ctx, t, s) })
		busy.Go(func() { watch(ctx, s.Client(t)) })
	}
	fill := strings.NewReplacer("$job", "vacancy", "$instance", ".*", "$__rate_interval", "20s", "$__range", "1m")
	queries := panelQueries(t)
	for _, expr := range runbookQueries(t) {
		queries = append(queries, panelQuery{"the runbook", expr})
	}
	for _, q := range queries {
		expr := fill.Replace(q.expr)
		if q.panel == "Failovers" { // there is none: it can be asked
			_, err := p.query(t.Context(), expr)
			must(t, err)
			continue
		}
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
			_, err = c.Availability(ctx, client.Query{
				Venue: "studio", Service: "class", From: day().Format(time.DateOnly), To: day().Format(time.DateOnly),
			})
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

// certificate is one of this machine, in files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	return cert, key
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
