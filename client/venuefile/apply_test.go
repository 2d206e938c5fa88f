package venuefile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"vacancy/client"
)

// catalogue is a server that keeps what is put, with revisions and conditions.
type catalogue struct {
	mu       sync.Mutex
	things   map[string]map[string]any // by path
	revision int
	writes   []string // the paths of what was put, in order
	refuse   map[string]string
}

func newCatalogue(t *testing.T) (*catalogue, *client.Client) {
	t.Helper()
	s := &catalogue{things: make(map[string]map[string]any), refuse: make(map[string]string)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, client.WithHTTPClient(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func (s *catalogue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, there := s.things[r.URL.Path]
	list := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch {
	case r.Method == http.MethodPut && s.refuse[r.URL.Path] != "":
		s.fail(w, 422, s.refuse[r.URL.Path])
	case r.Method == http.MethodPut:
		s.put(w, r, thing)
	case there:
		s.answer(w, thing)
	case list == "resources" || list == "services":
		all := []any{}
		for path, thing := range s.things {
			if strings.HasPrefix(path, r.URL.Path+"/") {
				all = append(all, thing)
			}
		}
		s.answer(w, map[string]any{list: all})
	default:
		s.fail(w, 404, `{"code":"not_found","title":"Not found"}`)
	}
}

func (s *catalogue) put(w http.ResponseWriter, r *http.Request, old map[string]any) {
	condition := r.Header.Get("If-None-Match") + r.Header.Get("If-Match")
	if old == nil && condition != "*" || old != nil && condition != fmt.Sprintf(`"%v"`, old["revision"]) {
		s.fail(w, 412, `{"code":"precondition_failed","title":"It has changed"}`)
		return
	}
	thing := make(map[string]any)
	if err := json.NewDecoder(r.Body).Decode(&thing); err != nil {
		s.fail(w, 400, `{"code":"malformed"}`)
		return
	}
	s.revision++
	thing["revision"], thing["id"] = s.revision, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	s.things[r.URL.Path] = thing
	s.writes = append(s.writes, r.URL.Path)
	s.answer(w, thing)
}

func (s *catalogue) answer(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func (s *catalogue) fail(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func TestApply(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	d := parsed(t, yoga)

	report, err := Apply(t.Context(), c, d, true)
	if err != nil || report.Changes() != 4 || len(server.writes) != 0 {
		t.Fatalf("a dry run wrote %v: %v, %v", server.writes, report, err)
	}
	report, err = Apply(t.Context(), c, d, false)
	if err != nil || report.Changes() != 4 {
		t.Fatalf("the first time: %v, %v", report, err)
	}
	const v = "/v1/venues/yoga"
	if want := []string{v, v + "/resources/hall", v + "/resources/terrace", v + "/services/hatha"}; !slices.Equal(server.writes, want) {
		t.Errorf("wrote %v, want %v", server.writes, want)
	}
	report, err = Apply(t.Context(), c, d, false)
	if err != nil || report.Changes() != 0 || len(server.writes) != 4 {
		t.Errorf("the second time: %v, %v", report, err)
	}

	edited := strings.NewReplacer(
		"450.00", "475.00", "capacity: 12", "capacity: 14", "25, closed: true", "26, hours: [08:00-09:00]",
	).Replace(yoga)
	for _, dryRun := range []bool{true, false} {
		report, err = Apply(t.Context(), c, parsed(t, edited), dryRun)
		if err != nil {
			t.Fatal(err)
		}
		got := report.String()
		for _, line := range []string{
			"unchanged venue yoga\n", "changed   resource hall\n", "capacity: 12 -> 14\n",
			"exceptions.2026-12-26: (none) -> 08:00-09:00\n", "exceptions.2026-12-25: closed -> (none)\n",
			"changed   service hatha\n", "price: 450.00 INR -> 475.00 INR\n",
		} {
			if !strings.Contains(got, line) {
				t.Errorf("the report lacks %q:\n%s", line, got)
			}
		}
	}
	if len(server.writes) != 7 {
		t.Errorf("wrote %v", server.writes[4:])
	}
}

// What the server finds wrong is shown where it stands in the file, and what was done before it is told.
func TestApplyExplainsRefusals(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	server.refuse["/v1/venues/yoga/resources/terrace"] = `{"code":"invalid","title":"Some fields are not valid",
		"errors":[{"field":"capacity","message":"must be 1 to 7"},{"field":"name","message":"is ugly"}]}`
	report, err := Apply(t.Context(), c, parsed(t, yoga), false)
	const want = "yoga.yaml:17: resources[1].capacity must be 1 to 7\nyoga.yaml:10: resources[1].name is ugly"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
	if len(report.Items) != 2 || report.Items[1].ID != "hall" {
		t.Errorf("the report is %v", report)
	}
}

// Somebody else's change between reading and writing is not overwritten.
func TestApplyDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	if _, err := Apply(t.Context(), c, parsed(t, yoga), false); err != nil {
		t.Fatal(err)
	}
	a := &applier{client: c, document: parsed(t, yoga)}
	old, err := c.Venue(t.Context(), "yoga")
	if err != nil {
		t.Fatal(err)
	}
	server.mu.Lock()
	server.things["/v1/venues/yoga"]["revision"] = 99
	server.mu.Unlock()
	old.Name = "Another name"
	err = applyPart(t.Context(), a, part[client.Venue]{
		kind: "venue", field: "venue", want: a.document.Venue, old: &old, fields: venueFields,
		revision: func(v client.Venue) uint64 { return v.Revision }, put: c.PutVenue,
	})
	if !client.IsCode(err, client.CodePreconditionFailed) || !strings.HasPrefix(err.Error(), "yoga.yaml: ") {
		t.Errorf("the edit of a changed venue: %v", err)
	}
}

func TestApplyWithoutAServer(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"/v1/venues/yoga", "/v1/venues/yoga/resources", "/v1/venues/yoga/services"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == broken {
				w.WriteHeader(http.StatusForbidden)
			}
			_, _ = w.Write([]byte("{}"))
		}))
		t.Cleanup(server.Close)
		c, err := client.New(server.URL, client.WithHTTPClient(server.Client()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Apply(t.Context(), c, parsed(t, yoga), true); !client.IsCode(err, client.CodeForbidden) {
			t.Errorf("%s: %v", broken, err)
		}
	}
}

func parsed(t *testing.T, text string) Document {
	t.Helper()
	d, err := Parse("yoga.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}
