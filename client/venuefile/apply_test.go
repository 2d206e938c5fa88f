package venuefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	outside  map[string][]string // what PUT answers of bookings outside of the hours
	// afterDryRun is called with the path that was judged.
	afterDryRun func(path string)
	client      *client.Client
}

func newCatalogue(t *testing.T) (*catalogue, *client.Client) {
	t.Helper()
	s := &catalogue{things: make(map[string]map[string]any), refuse: make(map[string]string), outside: make(map[string][]string)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, client.WithHTTPClient(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	s.client = c
	return s, c
}

func (s *catalogue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing, there := s.things[r.URL.Path]
	list := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch {
	case r.Method != http.MethodGet && s.refuse[r.URL.Path] != "":
		s.fail(w, 422, s.refuse[r.URL.Path])
	case r.Method == http.MethodPut:
		s.put(w, r, thing)
	case r.Method == http.MethodDelete:
		if r.URL.Query().Get("dry_run") != "true" {
			delete(s.things, r.URL.Path)
			s.writes = append(s.writes, "-"+r.URL.Path)
		}
		w.WriteHeader(http.StatusNoContent)
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
	if r.URL.Query().Get("dry_run") == "true" {
		s.answer(w, s.saved(r.URL.Path, thing))
		if s.afterDryRun != nil {
			s.afterDryRun(r.URL.Path)
		}
		return
	}
	s.revision++
	thing["revision"], thing["id"] = s.revision, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	s.things[r.URL.Path] = thing
	s.writes = append(s.writes, r.URL.Path)
	s.answer(w, s.saved(r.URL.Path, thing))
}

// saved is what a PUT answers.
func (s *catalogue) saved(path string, thing map[string]any) map[string]any {
	saved := maps.Clone(thing)
	if outside := s.outside[path]; outside != nil {
		saved["bookings_outside"] = outside
	}
	return saved
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

	report, err := Apply(t.Context(), c, d, Options{DryRun: true})
	if err != nil || report.Changes() != 4 || len(server.writes) != 0 {
		t.Fatalf("a dry run wrote %v: %v, %v", server.writes, report, err)
	}
	report, err = Apply(t.Context(), c, d, Options{})
	if err != nil || report.Changes() != 4 {
		t.Fatalf("the first time: %v, %v", report, err)
	}
	const v = "/v1/venues/yoga"
	if want := []string{v, v + "/resources/hall", v + "/resources/terrace", v + "/services/hatha"}; !slices.Equal(server.writes, want) {
		t.Errorf("wrote %v, want %v", server.writes, want)
	}
	report, err = Apply(t.Context(), c, d, Options{})
	if err != nil || report.Changes() != 0 || len(server.writes) != 4 {
		t.Errorf("the second time: %v, %v", report, err)
	}

	edited := strings.NewReplacer(
		"450.00", "475.00", "capacity: 12", "capacity: 14", "25, closed: true", "26, hours: [08:00-09:00]",
	).Replace(yoga)
	for _, dryRun := range []bool{true, false} {
		report, err = Apply(t.Context(), c, parsed(t, edited), Options{DryRun: dryRun})
		if err != nil {
			t.Fatal(err)
		}
		got := report.String()
		verb := "changed"
		if dryRun {
			verb = "change "
		}
		for _, line := range []string{
			"unchanged venue yoga\n", verb + "   resource hall\n", "capacity: 12 -> 14\n",
			"exceptions.2026-12-26: (none) -> 08:00-09:00\n", "exceptions.2026-12-25: closed -> (none)\n",
			verb + "   service hatha\n", "price: 450.00 INR -> 475.00 INR\n",
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

// What the server finds wrong is shown where it stands in the file, and nothing is done before it.
func TestApplyExplainsRefusals(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	server.refuse["/v1/venues/yoga/resources/terrace"] = `{"code":"invalid","title":"Some fields are not valid",
		"errors":[{"field":"capacity","message":"must be 1 to 7"},{"field":"name","message":"is ugly"}]}`
	report, err := Apply(t.Context(), c, parsed(t, yoga), Options{})
	const want = "yoga.yaml:17: resources[1].capacity must be 1 to 7\nyoga.yaml:10: resources[1].name is ugly"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
	if refused := report.Items[2]; !refused.Refused || !report.Planned || len(server.writes) != 0 {
		t.Errorf("a file with a mistake changed %v: %v", server.writes, report)
	}
}

// Somebody else's change between the server's judgement and the writing is not overwritten, and what was done before it is told.
func TestApplyDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	if _, err := Apply(t.Context(), c, parsed(t, yoga), Options{}); err != nil {
		t.Fatal(err)
	}
	server.writes = nil
	edited := parsed(t, strings.NewReplacer("capacity: 12", "capacity: 14", "Courtyard", "Garden", "Hatha class", "Hatha").Replace(yoga))
	server.afterDryRun = func(path string) {
		if strings.HasSuffix(path, "/hatha") { // the last part to be judged
			server.things["/v1/venues/yoga/resources/hall"]["revision"] = 99
		}
	}
	report, err := Apply(t.Context(), c, edited, Options{})
	if !client.IsCode(err, client.CodePreconditionFailed) ||
		err.Error() != "yoga.yaml: resource hall: somebody else has changed it meanwhile" {
		t.Errorf("the edit of a changed resource: %v", err)
	}
	if !slices.Equal(server.writes, []string{"/v1/venues/yoga"}) || len(report.Items) != 1 || report.Items[0].Action != Changed {
		t.Errorf("wrote %v, and reports %v", server.writes, report)
	}
}

// What the file does not have is shown, and archived if it is to be pruned: services first.
func TestApplyPrunes(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	if _, err := Apply(t.Context(), c, parsed(t, yoga), Options{}); err != nil {
		t.Fatal(err)
	}
	server.writes = nil
	const terrace = "  - <<: *hall\n    id: terrace\n    capacity: 8\n"
	less := strings.NewReplacer(terrace, "", "any_of: [hall, terrace]", "resource: hall", "id: hatha", "id: yin").Replace(yoga)
	for _, c := range []struct {
		options Options
		want    []string
		changes int
	}{
		{Options{DryRun: true}, []string{"unlisted  service hatha (not in the file; --prune archives it)\n", "unlisted  resource terrace"}, 1},
		{Options{DryRun: true, Prune: true}, []string{"archive   service hatha\n", "archive   resource terrace\n"}, 3},
		{Options{}, []string{"unlisted  service hatha (", "unlisted  resource terrace ("}, 1},
		{Options{Prune: true}, []string{"archived  service hatha\n", "archived  resource terrace\n"}, 2},
		{Options{Prune: true}, nil, 0},
	} {
		report, err := Apply(t.Context(), server.client, parsed(t, less), c.options)
		if err != nil || report.Changes() != c.changes {
			t.Errorf("%+v: %v, %v", c.options, report, err)
		}
		for _, line := range c.want {
			if !strings.Contains(report.String(), line) {
				t.Errorf("%+v: the report lacks %q:\n%s", c.options, line, report)
			}
		}
		if c.want == nil && strings.Contains(report.String(), "terrace") {
			t.Errorf("what is archived is shown again:\n%s", report)
		}
	}
	const v = "/v1/venues/yoga"
	if want := []string{v + "/services/yin", "-" + v + "/services/hatha", "-" + v + "/resources/terrace"}; !slices.Equal(server.writes, want) {
		t.Errorf("wrote %v, want %v", server.writes, want)
	}
}

// Bookings in the way are shown with the line, when they are and for whom; in a dry run too. Nothing is changed.
func TestApplyShowsBookingsInTheWay(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	if _, err := Apply(t.Context(), c, parsed(t, yoga), Options{}); err != nil {
		t.Fatal(err)
	}
	server.writes = nil
	server.refuse["/v1/venues/yoga/resources/hall"] = `{"code":"in_use","detail":"2 bookings.","more":true,
		"errors":[{"field":"capacity","message":"cannot change"}],"bookings":["bk_1","bk_2"]}`
	server.refuse["/v1/venues/yoga/services/hatha"] = `{"code":"in_use","detail":"One booking.","bookings":["bk_1"]}`
	server.things["/v1/venues/yoga/bookings/bk_1"] = map[string]any{
		"id": "bk_1", "service": "hatha", "status": "confirmed", "start": "2026-12-09T06:00:00+05:30",
		"customer": map[string]string{"name": "Ada"},
	}
	for _, dryRun := range []bool{true, false} {
		_, err := Apply(t.Context(), c, parsed(t, strings.NewReplacer("capacity: 12", "capacity: 9", "Hatha class", "Hatha").Replace(yoga)),
			Options{DryRun: dryRun})
		const want = "yoga.yaml:11: resource hall: capacity cannot change\n" +
			"  bk_1 Wed 2026-12-09 06:00, hatha, confirmed, Ada\n  bk_2\n  and others\n" +
			"yoga.yaml:19: service hatha: One booking.\n  bk_1 Wed 2026-12-09 06:00, hatha, confirmed, Ada"
		if err == nil || err.Error() != want || !client.IsCode(err, client.CodeInUse) {
			t.Errorf("%v\nwant\n%s", err, want)
		}
	}
	if len(server.writes) != 0 {
		t.Errorf("wrote %v", server.writes)
	}
	server.refuse = map[string]string{"/v1/venues/yoga/services/hatha": server.refuse["/v1/venues/yoga/services/hatha"]}
	_, err := Apply(t.Context(), c, parsed(t, strings.Replace(yoga, "id: hatha", "id: yin", 1)), Options{Prune: true})
	if err == nil || !strings.HasPrefix(err.Error(), "yoga.yaml: service hatha cannot be archived: One booking.\n  bk_1 Wed") {
		t.Errorf("archiving a booked service: %v", err)
	}
}

// Bookings that stand outside of new hours are shown.
func TestApplyShowsBookingsOutside(t *testing.T) {
	t.Parallel()
	server, c := newCatalogue(t)
	server.outside["/v1/venues/yoga/resources/hall"] = []string{"bk_7"}
	for _, dryRun := range []bool{true, false} {
		report, err := Apply(t.Context(), c, parsed(t, yoga), Options{DryRun: dryRun})
		verb := "created"
		if dryRun {
			verb = "create "
		}
		if err != nil || !strings.Contains(report.String(), verb+"   resource hall\n            outside the hours now: bk_7\n") {
			t.Errorf("%v, %v", report, err)
		}
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
		if _, err := Apply(t.Context(), c, parsed(t, yoga), Options{DryRun: true}); !errors.Is(err, ErrKeyRefused) ||
			!client.IsCode(err, client.CodeForbidden) {
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
