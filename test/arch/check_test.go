package arch

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What the table allows is not reported.
func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	breaches := Check([]Package{
		{Path: "vacancy/cmd/vacancy", Name: "main", Imports: []string{"os", "vacancy/internal/cli"}},
		{Path: "vacancy/internal/cli", Name: "cli", Imports: []string{"vacancy/internal/app", "vacancy/client", "github.com/alecthomas/kong"}},
		{Path: "vacancy/internal/app", Name: "app", Imports: []string{"vacancy/internal/telemetry", "vacancy/internal/desk", "vacancy/web"}},
		{
			Path: "vacancy/internal/booking", Name: "booking",
			Imports:     []string{"time", "net/mail", "crypto/rand"},
			TestImports: []string{"vacancy/internal/booking", "pgregory.net/rapid", "testing", "os"},
		},
		{
			Path: "vacancy/internal/store/sqlite", Name: "sqlite",
			Imports:     []string{"vacancy/internal/store", "vacancy/internal/booking", "modernc.org/sqlite/lib", "github.com/pressly/goose/v3"},
			TestImports: []string{"vacancy/internal/store/storetest", "go.uber.org/goleak"},
		},
		{
			Path: "vacancy/internal/store/storetest", Name: "storetest",
			Imports: []string{"testing", "vacancy/internal/store", "pgregory.net/rapid"},
		},
		{Path: "vacancy/internal/live/ws", Name: "ws", Imports: []string{"vacancy/internal/live", "github.com/lxzan/gws"}},
		{
			Path: "vacancy/client", Name: "client",
			Imports:     []string{"net/http", "github.com/lxzan/gws"},
			TestImports: []string{"vacancy/internal/app"},
		},
		{Path: "vacancy/web", Name: "web", Imports: []string{"embed"}},
		{Path: "vacancy/test/e2e", Name: "e2e", Imports: []string{"vacancy/internal/app", "vacancy/client", "vacancy/test/browser"}},
	})
	for _, breach := range breaches {
		t.Errorf("reported although allowed: %s", breach)
	}
}

// The negative control: each breach is reported, once, in words that name it.
func TestCheckReports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path  string
		in    []string
		tests []string
		want  string
	}{
		"main goes past cli":          {path: "cmd/vacancy", in: []string{"vacancy/internal/app"}, want: "cmd may import cli"},
		"the API opens the store":     {path: "internal/httpapi", in: []string{"vacancy/internal/store"}, want: "httpapi may import desk"},
		"siblings":                    {path: "internal/live/sse", in: []string{"vacancy/internal/live/ws"}, want: "live/sse may import live"},
		"a store imports its sibling": {path: "internal/store/sqlite", in: []string{"vacancy/internal/store/postgres"}, want: "may import store"},
		"upwards":                     {path: "internal/view", in: []string{"vacancy/internal/desk"}, want: "view may import store"},
		"the domain imports a room":   {path: "internal/booking", in: []string{"vacancy/internal/schedule"}, want: "imports no other room"},
		"the domain uses a library":   {path: "internal/booking", in: []string{"github.com/alecthomas/kong"}, want: "belongs to cli"},
		"the domain talks HTTP":       {path: "internal/booking", in: []string{"net/http"}, want: "booking reaches nothing outside"},
		"the ledger locks":            {path: "internal/ledger", in: []string{"sync/atomic"}, want: "ledger reaches nothing outside"},
		"the schedule reads files":    {path: "internal/schedule", in: []string{"os"}, want: "schedule reaches nothing outside"},
		"availability throws dice":    {path: "internal/availability", in: []string{"crypto/rand"}, want: "availability is pure"},
		"telemetry out of app":        {path: "internal/desk", in: []string{"vacancy/internal/telemetry"}, want: "desk may import view"},
		"the pages out of app":        {path: "internal/httpapi", in: []string{"vacancy/web"}, want: "httpapi may import desk"},
		"the client sees inside":      {path: "client", in: []string{"vacancy/internal/booking"}, want: "imports no other room"},
		"app imports the command":     {path: "internal/app", in: []string{"vacancy/internal/cli"}, want: "app may import"},
		"a driver out of its adapter": {path: "internal/desk", in: []string{"modernc.org/sqlite"}, want: "belongs to store/sqlite"},
		"a library's inner package":   {path: "internal/live", in: []string{"github.com/lxzan/gws/internal"}, want: "belongs to live/ws"},
		"an unknown library":          {path: "internal/desk", in: []string{"example.com/new"}, want: "not in the table"},
		"a library of like name":      {path: "internal/store/sqlite", in: []string{"modernc.org/sqlite2"}, want: "not in the table"},
		"a test library in the room":  {path: "internal/desk", in: []string{"pgregory.net/rapid"}, want: "it is for tests"},
		"testing in the room":         {path: "internal/desk", in: []string{"net/http/httptest"}, want: "it is for tests"},
		"cgo":                         {path: "internal/store/sqlite", in: []string{"C"}, want: "without cgo"},
		"an unknown room":             {path: "internal/payments", want: `the room "payments" is not in the table`},
		"a room within a room":        {path: "internal/desk/batch", want: `the room "desk/batch" is not in the table`},
		"a drawer":                    {path: "internal/live/util", want: `"util" says nothing`},
		"a value tested with a store": {path: "internal/ledger", tests: []string{"vacancy/internal/store"}, want: "tested with values alone"},
		"a test calls the command":    {path: "internal/desk", tests: []string{"vacancy/internal/cli"}, want: "tests call cli"},
		"a driver in others' tests":   {path: "internal/desk", tests: []string{"github.com/jackc/pgx/v5"}, want: "belongs to store/postgres"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			breaches := Check([]Package{{Path: "vacancy/" + c.path, Name: "sample", Imports: c.in, TestImports: c.tests}})
			hits := 0
			for _, breach := range breaches {
				if strings.HasPrefix(breach, "vacancy/"+c.path) && strings.Contains(breach, c.want) {
					hits++
				}
			}
			if hits != 1 {
				t.Errorf("reported %d times %q: %q", hits, c.want, breaches)
			}
		})
	}
}

// A name that says nothing is found in the package clause too, which may differ from the folder.
func TestCheckReportsPackageNames(t *testing.T) {
	t.Parallel()
	if breaches := Check([]Package{{Path: "vacancy/internal/desk", Name: "helpers"}}); len(breaches) != 1 {
		t.Errorf("a package named helpers: %q", breaches)
	}
}

// The negative control of [Unused]: what the module has is not reported, and each kind of leftover is, once. The sample has all that the
// tables name, and loses one thing at a time.
func TestUnusedReports(t *testing.T) {
	t.Parallel()
	if unused := Unused(everyLine("", "")); len(unused) > 0 {
		t.Fatalf("reported although there: %q", unused)
	}
	for name, c := range map[string]struct{ room, module, want string }{
		"a room":                {room: "web", want: "the room web, which does not exist"},
		"a library of one room": {module: "github.com/gofrs/flock", want: "github.com/gofrs/flock to store/sqlite"},
		"a library for tests":   {module: "pgregory.net/rapid", want: "pgregory.net/rapid for tests"},
	} {
		if unused := Unused(everyLine(c.room, c.module)); len(unused) != 1 || !strings.Contains(unused[0], c.want) {
			t.Errorf("without %s: %q", name, unused)
		}
	}
}

// everyLine is a module that has everything the tables name, but for a room and a library.
func everyLine(withoutRoom, withoutLibrary string) []Package {
	var packages []Package
	for room := range mayImport {
		if room == withoutRoom {
			continue
		}
		p := Package{Path: module + "/internal/" + room, Name: "sample"}
		for library, owners := range libraries {
			if library != withoutLibrary && slices.Contains(owners, room) {
				p.Imports = append(p.Imports, library+"/inner")
			}
		}
		packages = append(packages, p)
	}
	tests := Package{Path: module + "/test/sample", Name: "sample"}
	for _, library := range testLibraries {
		if library != withoutLibrary {
			tests.TestImports = append(tests.TestImports, library)
		}
	}
	return append(packages, tests)
}

// The table itself is sound: it names rooms that it knows, and no two rooms may reach each other.
func TestTable(t *testing.T) {
	t.Parallel()
	known := slices.Collect(maps.Keys(mayImport))
	for room, allowed := range mayImport {
		for _, other := range allowed {
			if other != everything && !slices.Contains(known, other) {
				t.Errorf("%s may import %s, which is no room", room, other)
			}
		}
		if slices.Contains(reach(room, nil), room) {
			t.Errorf("%s may reach itself", room)
		}
	}
	for library, owners := range libraries {
		for _, owner := range owners {
			if !slices.Contains(known, owner) {
				t.Errorf("%s belongs to %s, which is no room", library, owner)
			}
		}
	}
}

// reach collects the rooms that a room may import, directly or through others. Who may import everything is above the order.
func reach(room string, seen []string) []string {
	for _, other := range mayImport[room] {
		if other != everything && !slices.Contains(seen, other) {
			seen = reach(other, append(seen, other))
		}
	}
	return seen
}
