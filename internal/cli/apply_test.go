package cli

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/app"
	"vacancy/internal/config"
)

const testKey = "a-key-that-only-this-test-knows"

// startApp starts a whole server on a new database, and returns its address.
func startApp(t *testing.T, change ...func(*config.Config)) string {
	t.Helper()
	c := config.Default()
	c.ProbeInterval = 0
	for _, f := range change {
		f(&c)
	}
	c.Listen, c.Database, c.AdminKey = "127.0.0.1:0", "sqlite:"+filepath.Join(t.TempDir(), "test.db"), testKey
	server, err := app.New(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return server.URL()
}

// command runs the command line and returns its exit code and what it said.
func command(t *testing.T, in string, args ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(t.Context(), args, Streams{Out: &stdout, Err: &stderr, In: strings.NewReader(in)})
	return code, stdout.String(), stderr.String()
}

const (
	studio = "venue: { id: studio, name: Studio, time_zone: Europe/Berlin }\n" +
		"resources:\n- { id: hall, name: Hall, capacity: 12, hours: { mon: [\"09:00-12:00\"] } }\n" +
		"services:\n- { id: class, name: Class, duration_minutes: 60, requires: [{ resource: hall, per_person: true }] }\n"
	shop = "venue: { id: shop, name: Shop, time_zone: Europe/Berlin }\n"
)

func TestApplyCommand(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	file := write(t, "shop, main street.yaml", shop)
	for _, step := range []struct {
		name, in string
		args     []string
		want     string // the last line
	}{
		{"dry run", studio, []string{"-f", "-", "-f", file, "--dry-run"}, "would change 4 of 4"},
		{"first", studio, []string{"-f", "-", "-f", file}, "changed 4 of 4"},
		{"again", studio, []string{"-f", "-", "-f", file}, "changed 0 of 4"},
		{"dry run of an edit", strings.Replace(studio, "12,", "14,", 1), []string{"-f", "-", "--dry-run"}, "would change 1 of 3"},
		{"an edit", strings.Replace(studio, "12,", "14,", 1), []string{"-f", "-"}, "capacity: 12 -> 14"},
		{"the edit again", strings.Replace(studio, "12,", "14,", 1), []string{"-f", "-"}, "changed 0 of 3"},
	} {
		code, out, problems := command(t, step.in, append([]string{"apply", "--url", server, "--key", testKey}, step.args...)...)
		if code != exitOK || problems != "" || !strings.Contains(out, step.want+"\n") {
			t.Errorf("%s: exit code %d, said\n%s%s", step.name, code, out, problems)
		}
	}
}

func TestApplyCommandFails(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	bad := write(t, "bad.yaml", "venue: { id: bad, nam: Bad }\n")
	worse := write(t, "worse.yaml", "venue: [\n")
	good := write(t, "good.yaml", shop)
	again := write(t, "again.yaml", shop)
	nowhere := write(t, "nowhere.yaml", strings.Replace(shop, "Berlin", "Nowhere", 1))
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no file":           {nil, exitUsage, "--file"},
		"no such file":      {[]string{"-f", "/nowhere/venue.yaml"}, exitFailed, "/nowhere/venue.yaml: no such file"},
		"mistake in a file": {[]string{"-f", good, "-f", bad, "-f", worse}, exitFailed, "bad.yaml:1: unknown field venue.nam"},
		"and in the next":   {[]string{"-f", good, "-f", bad, "-f", worse}, exitFailed, "worse.yaml:1: this is not YAML: "},
		"wrong key":         {[]string{"-f", good, "--key", "another"}, exitFailed, "vacancy: the server does not know this management key ("},
		"key in the clear":  {[]string{"-f", good, "--url", "http://192.0.2.1"}, exitFailed, "--insecure-http"},
		"no server":         {[]string{"-f", good, "--url", "nothing"}, exitFailed, "is not a URL"},
		"nobody listens":    {[]string{"-f", good, "--url", "http://127.0.0.1:1"}, exitFailed, "no server answers at http://127.0.0.1:1: is"},
		"one venue twice":   {[]string{"-f", good, "-f", again}, exitFailed, "again.yaml: venue shop is in "},
		"server says no":    {[]string{"-f", nowhere}, exitFailed, "nowhere.yaml:1: venue.time_zone"},
	} {
		code, out, problems := command(t, "", append([]string{"apply", "--url", server, "--key", testKey}, test.args...)...)
		if strings.Count(problems, test.want) > 1 {
			t.Errorf("%s: it is said more than once: %q", name, problems)
		}
		if code != test.code || !strings.Contains(problems, test.want) || out != "" {
			t.Errorf("%s: exit code %d, said %q and %q; want %d and %q", name, code, out, problems, test.code, test.want)
		}
	}
	if code, out, _ := command(t, "", "apply", "--url", server, "--key", testKey, "--dry-run", "-f", good); code != exitOK ||
		!strings.Contains(out, "create    venue shop") {
		t.Errorf("a run that failed has left something behind: %s", out)
	}
}

func TestReadFileIsBounded(t *testing.T) {
	t.Parallel()
	if _, err := readFile(write(t, "big.yaml", strings.Repeat("#", maxFile+1)), nil); err == nil {
		t.Error("a file of any size is read")
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file that bookings forbid changes nothing and says so with its line, in a dry run too; what the file lacks is shown, and pruned.
func TestApplyCommandWithBookingsAhead(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	apply := func(text string, args ...string) (int, string, string) {
		return command(t, text, append([]string{"apply", "--url", server, "--key", testKey, "-f", "-"}, args...)...)
	}
	full := strings.Replace(studio, "services:\n", "- { id: attic, name: Attic, capacity: 1, hours: { mon: [\"22:00-02:00\"] } }\nservices:\n"+
		"- { id: yoga, name: Yoga, duration_minutes: 60, requires: [{ resource: attic }] }\n", 1)
	if code, _, problems := apply(full); code != exitOK {
		t.Fatal(problems)
	}
	c, err := client.New(server)
	if err != nil {
		t.Fatal(err)
	}
	services, err := c.Services(t.Context(), "studio")
	if err != nil || len(services) != 2 || services[0].ID != "yoga" || services[1].ID != "class" {
		t.Fatalf("the services are not in the file's order: %v, %v", services, err)
	}
	made, start := bookFirstClass(t, server, "studio")
	resources, _, _ := strings.Cut(studio, "services:")
	without := resources + "services: []\n"
	for _, args := range [][]string{{"--dry-run", "--prune"}, {"--prune"}} {
		code, out, problems := apply(without, args...)
		want := "standard input: service class cannot be archived: One future booking needs it. " +
			"Cancel them first, or wait until they are over.\n  " + made.ID + " " +
			start.Format("Mon 2006-01-02 15:04") + ", class, confirmed, Ada"
		if code != exitFailed || !strings.Contains(problems, want) {
			t.Errorf("%v: exit code %d, said\n%s%s\nwant\n%s", args, code, out, problems, want)
		}
	}
	code, out, _ := apply(studio)
	if code != exitOK || !strings.Contains(out, "unlisted  service yoga (not in the file; --prune archives it)\n") {
		t.Errorf("exit code %d, said\n%s", code, out)
	}
	if code, out, problems := apply(studio, "--prune"); code != exitOK ||
		!strings.Contains(out, "archived  service yoga\n  archived  resource attic\n") {
		t.Errorf("exit code %d, said\n%s%s", code, out, problems)
	}
	if code, out, _ := apply(studio, "--prune"); code != exitOK || strings.Contains(out, "yoga") {
		t.Errorf("exit code %d, said\n%s", code, out)
	}
}

// What a run would refuse, its dry run refuses in the same words, and what it does not refuse, the run does: also where a service comes to
// require what the same file creates or changes. Each kind of edit is tried with a booking ahead and without.
func TestDryRunFindsWhatTheRunWould(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	const (
		annex    = "- { id: annex, name: Annex, capacity: 12, hours: { mon: [\"09:00-12:00\"] } }\nservices:\n"
		services = "services:\n"
		other    = "- { id: yoga, name: Yoga, duration_minutes: 60, requires: [{ resource: annex }] }\n"
	)
	for i, c := range []struct {
		name string
		edit []string // old, new, old, new
		// refused is what a booking ahead makes of it; "" if it is harmless.
		refused string
	}{
		{"requires a new resource instead", []string{services, annex, "{ resource: hall", "{ resource: annex"}, "service class: requires cannot"},
		{"requires one of a pool with a new one", []string{services, annex, "{ resource: hall,", "{ any_of: [hall, annex],"}, ""},
		{"requires more of a larger one", []string{"12,", "40,", "hall, per", "hall, units: 20, per"}, "service class: requires cannot"},
		{"a new service of a new resource", []string{services, annex + other}, ""},
		{"a longer service in longer hours", []string{"09:00-12:00", "09:00-17:00", "duration_minutes: 60", "duration_minutes: 300"}, ""},
		{"another zone and a new resource", []string{"Europe/Berlin", "Asia/Tokyo", services, annex}, "venue ID: time_zone cannot"},
		{"another name", []string{"name: Class", "name: Lesson"}, ""},
	} {
		for _, booked := range []bool{false, true} {
			id := fmt.Sprintf("studio-%d-%t", i, booked)
			text := strings.Replace(studio, "id: studio", "id: "+id, 1)
			apply := func(text string, args ...string) (int, string, string) {
				return command(t, text, append([]string{"apply", "--url", server, "--key", testKey, "-f", "-"}, args...)...)
			}
			if code, _, problems := apply(text); code != exitOK {
				t.Fatal(problems)
			}
			if booked {
				bookFirstClass(t, server, id)
			}
			edited, want := strings.NewReplacer(c.edit...).Replace(text), ""
			if booked {
				want = strings.Replace(c.refused, "ID", id, 1)
			}
			dryCode, dryOut, dryProblems := apply(edited, "--dry-run")
			code, _, problems := apply(edited)
			if dryCode != code || dryProblems != problems {
				t.Errorf("%s (booked: %t): the dry run says %d\n%s%s\nand the run %d\n%s",
					c.name, booked, dryCode, dryOut, dryProblems, code, problems)
			}
			if (code == exitOK) != (want == "") || !strings.Contains(problems, want) {
				t.Errorf("%s (booked: %t): exit code %d, want one for %q\n%s", c.name, booked, code, want, problems)
			}
			if _, out, _ := apply(text, "--dry-run"); code != exitOK && !strings.Contains(out, "would change 0 of 3") {
				t.Errorf("%s: what was refused has changed something:\n%s", c.name, out)
			}
		}
	}
}

// Several files are judged before the first changes anything: a refusal in the last one leaves all as it was.
func TestRefusedFileKeepsTheOthersFromChanging(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	apply := func(text string, args ...string) (int, string, string) {
		return command(t, text, append([]string{"apply", "--url", server, "--key", testKey}, args...)...)
	}
	first := write(t, "shop.yaml", shop)
	if code, _, problems := apply(studio, "-f", first, "-f", "-"); code != exitOK {
		t.Fatal(problems)
	}
	bookFirstClass(t, server, "studio")
	renamed := write(t, "renamed.yaml", strings.Replace(shop, "name: Shop", "name: Store", 1))
	moved := strings.Replace(studio, "Europe/Berlin", "Asia/Tokyo", 1)
	for _, args := range [][]string{{"--dry-run"}, nil} {
		code, out, problems := apply(moved, append(args, "-f", renamed, "-f", "-")...)
		for _, want := range []string{
			"(nothing is changed)\n  change    venue shop\n            name: Shop -> Store\n", "  refused   venue studio\n",
		} {
			if code != exitFailed || !strings.Contains(out, want) || !strings.Contains(problems, "time_zone cannot change") {
				t.Errorf("%v: exit code %d, said\n%s%s\nwithout\n%s", args, code, out, problems, want)
			}
		}
	}
	if code, out, problems := apply("", "-f", first); code != exitOK || !strings.Contains(out, "changed 0 of 1\n") {
		t.Errorf("the first file was applied: %d\n%s%s", code, out, problems)
	}
}

// A venue that was archived comes back in one run, with what it had: what the file has is changed to it, what it lacks is shown or pruned.
func TestArchivedVenueComesBackInOneRun(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	c, err := client.New(server, client.WithKey(testKey))
	if err != nil {
		t.Fatal(err)
	}
	extra := "- { id: yoga, name: Yoga, duration_minutes: 60, requires: [{ resource: attic }] }\n"
	attic := "- { id: attic, name: Attic, capacity: 1, hours: { mon: [\"22:00-02:00\"] } }\n"
	full := strings.Replace(studio, "services:\n", attic+"services:\n"+extra, 1)
	for _, test := range []struct {
		args []string
		want []string
	}{
		{nil, []string{
			"created   venue studio\n", "changed   resource hall\n            capacity: 12 -> 14\n", "unlisted  service yoga",
			"unlisted  resource attic",
		}},
		{[]string{"--prune"}, []string{
			"created   venue studio\n", "changed   resource hall\n", "archived  service yoga\n  archived  resource attic\n",
		}},
	} {
		args := append([]string{"apply", "--url", server, "--key", testKey, "-f", "-"}, test.args...)
		if code, _, problems := command(t, full, args...); code != exitOK {
			t.Fatal(problems)
		}
		if err := c.DeleteVenue(t.Context(), "studio"); err != nil {
			t.Fatal(err)
		}
		edited := strings.Replace(studio, "12,", "14,", 1)
		if code, out, problems := command(t, edited, append(args, "--dry-run")...); code != exitOK {
			t.Errorf("the dry run: %d\n%s%s", code, out, problems)
		}
		code, out, problems := command(t, edited, args...)
		for _, want := range test.want {
			if code != exitOK || !strings.Contains(out, want) {
				t.Errorf("%v: exit code %d, said\n%s%s\nwithout %q", test.args, code, out, problems, want)
			}
		}
		if code, out, problems := command(t, edited, args...); code != exitOK || !strings.Contains(out, "changed 0 of 3\n") {
			t.Errorf("%v, again: exit code %d, said\n%s%s", test.args, code, out, problems)
		}
	}
}

// A new venue with a reserved id is refused in a dry run without a key too, which the server cannot be asked in.
func TestReservedIDIsRefusedWithoutAKey(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	reserved := strings.Replace(studio, "id: studio", "id: admin", 1)
	for _, args := range [][]string{{"--dry-run"}, {"--dry-run", "--key", testKey}, {"--key", testKey}} {
		code, out, problems := command(t, reserved, append([]string{"apply", "--url", server, "-f", "-"}, args...)...)
		if code != exitFailed || !strings.Contains(problems, "standard input:1: venue.id is reserved: ") ||
			!strings.Contains(out, "  refused   venue admin\n") {
			t.Errorf("%v: exit code %d, said\n%s%s", args, code, out, problems)
		}
	}
	if code, out, problems := command(t, studio, "apply", "--url", server, "-f", "-", "--dry-run"); code != exitOK {
		t.Errorf("another id: exit code %d, said\n%s%s", code, out, problems)
	}
}

// Services of which nothing can be booked are told: those of the file as it has their resources, others as the server has them. What the
// same run mends or archives is not.
func TestApplyWarnsOfServicesThatCannotBeBooked(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	yoga := "- { id: yoga, name: Yoga, duration_minutes: 60, requires: [{ resource: hall, units: 3 }] }\n"
	closed := strings.Replace(studio, "mon: [\"09:00-12:00\"]", "", 1)
	const season, units = "cannot be booked: requires[0] has no opening from ", "cannot be booked: service yoga: requires[0].units takes 3"
	for _, c := range []struct {
		name, text string
		args       []string
		want, not  string
	}{
		{"both", studio + yoga, nil, "", "cannot be booked"},
		{"one unlisted, with less capacity", strings.Replace(studio, "12,", "2,", 1), nil, units, season},
		{"the same, listed and mended", strings.Replace(studio+yoga, "12,", "3,", 1), nil, "", "cannot be booked"},
		{"closed for the season", closed, nil, season, units},
		{"closed, and others archived", closed, []string{"--prune"}, season, "service yoga: "},
		{"open again", studio, nil, "", "cannot be booked"},
	} {
		for _, dry := range [][]string{{"--dry-run"}, nil} {
			code, out, problems := command(t, c.text, slices.Concat(
				[]string{"apply", "--url", server, "--key", testKey, "-f", "-"}, c.args, dry)...)
			if code != exitOK || !strings.Contains(out, c.want) || strings.Contains(out, c.not) {
				t.Errorf("%s %v: exit code %d, said\n%s%s\nwant %q and not %q", c.name, dry, code, out, problems, c.want, c.not)
			}
		}
	}
}

// Values are judged, not spellings: a file spelled otherwise than the server stores it is applied once, and is no change after that.
func TestSpellingsAreAppliedOnce(t *testing.T) {
	t.Parallel()
	server := startApp(t)
	for i, c := range [][]string{
		{"Europe/Berlin }", "Europe/Berlin, allowed_origins: ['HTTPS://Shop.example:443', 'https://shop.example'] }"},
		{"name: Class,", "name: Class, price: { amount: 60.0, currency: eur },"},
		{"name: Class,", "name: Class, price: { amount: '007', currency: EUR },"},
		{"name: Class,", "name: Class, price: { amount: '12000.00', currency: JPY },"},
		{"name: Class,", "name: ' Class\t', color: '#ABCDEF',"},
		{"09:00-12:00", "9:00 – 12:00"},
		{"duration_minutes: 60", "duration_minutes: 60, step_minutes: 60, horizon_days: 90, hold_minutes: 10, party_size: { min: 1, max: 1 }"},
		{"duration_minutes: 60,", "duration_minutes: 60, limits: {},"},
		{"{ resource: hall,", "{ any_of: [hall], units: 1,"},
	} {
		text := strings.NewReplacer(append(c, "id: studio", fmt.Sprintf("id: studio-%d", i))...).Replace(studio)
		for _, want := range []string{"changed 3 of 3\n", "changed 0 of 3\n"} {
			code, out, problems := command(t, text, "apply", "--url", server, "--key", testKey, "-f", "-")
			if code != exitOK || !strings.HasSuffix(out, want) {
				t.Errorf("%s: exit code %d, said\n%s%s\nwant %s", c[1], code, out, problems, want)
			}
		}
	}
}

// A run that is stopped half way, by a server that fails or by somebody else's change, says how far it came.
func TestApplySaysHowFarItCame(t *testing.T) {
	t.Parallel()
	file := write(t, "studio.yaml", studio)
	for name, fail := range map[string]func(w http.ResponseWriter){
		"somebody else's change": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusPreconditionFailed)
			_, _ = w.Write([]byte(`{"code":"precondition_failed","title":"It has changed meanwhile"}`))
		},
		"a lost connection": func(w http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"a server that fails": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"code":"outcome_unknown","title":"The outcome is unknown"}`))
		},
	} {
		made := false
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			dry := r.URL.Query().Get("dry_run") == "true"
			switch {
			case r.Method == http.MethodGet && !made:
				w.WriteHeader(http.StatusNotFound)
			case r.Method == http.MethodPut && !dry && strings.HasSuffix(r.URL.Path, "/class"):
				fail(w)
			default:
				made = made || !dry
				_, _ = w.Write([]byte("{}"))
			}
		}))
		t.Cleanup(server.Close)
		code, out, problems := command(t, "", "apply", "--url", server.URL, "--key", testKey, "-f", file)
		if code != exitFailed || !strings.HasSuffix(out, "stopped: 2 of 3 were changed; apply again to do the rest\n") ||
			!strings.Contains(out, "created   resource hall\n") || !strings.Contains(problems, "service class: ") {
			t.Errorf("%s: exit code %d, said\n%s%s", name, code, out, problems)
		}
	}
}

// bookFirstClass books the first class that is free.
func bookFirstClass(t *testing.T, server, venue string) (client.Booking, time.Time) {
	t.Helper()
	c, err := client.New(server)
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC()
	free, err := c.Availability(t.Context(), client.Query{
		Venue: venue, Service: "class", From: today.AddDate(0, 0, 2).Format(time.DateOnly), To: today.AddDate(0, 0, 9).Format(time.DateOnly),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range free.Days {
		if len(day.Slots) == 0 {
			continue
		}
		start := day.Slots[0].Start
		made, err := c.Book(t.Context(), venue, client.NewBooking{
			Service: "class", Start: start, PartySize: 1, Customer: &client.Customer{Name: "Ada", Phone: "+49 30 5550"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return made, start
	}
	t.Fatal("no class is free")
	return client.Booking{}, time.Time{}
}
