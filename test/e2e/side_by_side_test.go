package e2e

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// migrations and firstSchema are where PostgreSQL's migrations are, and the one of them that did not come with a schema which several
// versions may share. What was built before any other came is the oldest program that must get along with today's.
const (
	migrations  = "internal/store/postgres/migrations"
	firstSchema = migrations + "/00001_initial.sql"
)

// TestVersionsSideBySide runs a build of before the schema that is shared, and then today's beside it on the same database, which it
// migrates under the feet of the other. Both book, also the same slots, and the database agrees with itself.
func TestVersionsSideBySide(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).Schema(t)
	blue := proc.LaunchOf(t, oldProgram(t), database)
	class(t, blue.Client(t), places)
	day := tomorrow()
	known := make(map[string]client.BookingStatus)
	gather := func(works ...*work) {
		for _, w := range works {
			maps.Copy(known, w.end())
			w.checkRefusals(t)
		}
	}

	before := startWork(t, blue.URL, day)
	before.some(t, 30)
	green := proc.Launch(t, database)
	before.some(t, 30) // of the old one, on the new schema
	gather(before)

	both := []*work{startWork(t, blue.URL, day.AddDate(0, 0, 2)), startWork(t, green.URL, day.AddDate(0, 0, 2))}
	for _, w := range both {
		w.some(t, 40)
	}
	gather(both...)
	checkEditsOfBoth(t, blue, green)
	checkHoldsOfBoth(t, blue, green, database, known)
	checkSurvivors(t, green, known)
	checkSurvivors(t, blue, known)
	if said, code := proc.Run(t, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
}

// checkEditsOfBoth has the older program edit what today's has put with settings that the older does not know: they stay, for a node that
// has the venue in memory as in the database.
func checkEditsOfBoth(t *testing.T, blue, green *proc.Process) {
	t.Helper()
	ctx := t.Context()
	old, today := blue.Client(t), green.Client(t)
	room, err := today.Resource(ctx, "studio", "room")
	must(t, err)
	course, err := today.Service(ctx, "studio", "class")
	must(t, err)
	room.Order, course.Order, course.Limits = 5, 7, client.Limits{HoldsPerClient: 30, BookingsPerClient: 700}
	_, err = today.PutResource(ctx, "studio", room)
	must(t, err)
	course, err = today.PutService(ctx, "studio", course)
	must(t, err)

	oldRoom, err := old.Resource(ctx, "studio", "room")
	must(t, err)
	oldCourse, err := old.Service(ctx, "studio", "class")
	must(t, err)
	oldRoom.Name, oldCourse.Name = "Another room", "Another class"
	_, err = old.PutResource(ctx, "studio", oldRoom)
	must(t, err)
	_, err = old.PutService(ctx, "studio", oldCourse)
	must(t, err)

	w := wish()
	w.Start = w.Start.AddDate(0, 0, 20)
	_, err = today.Hold(ctx, "studio", w) // a transaction knows all that was committed before it
	must(t, err)
	room, err = today.Resource(ctx, "studio", "room")
	must(t, err)
	if room.Name != "Another room" || room.Order != 5 {
		t.Errorf("after an edit by the older program the room is %+v", room)
	}
	limits := course.Limits
	course, err = today.Service(ctx, "studio", "class")
	must(t, err)
	if course.Name != "Another class" || course.Order != 7 || course.Limits != limits || limits.HoldsPerClient != 30 {
		t.Errorf("after an edit by the older program the service is %+v", course)
	}
}

// checkHoldsOfBoth ends holds of today's program in every way, by both programs. Days later those go that were never confirmed and that
// today's has ended: the other does not say what became of a hold.
func checkHoldsOfBoth(t *testing.T, blue, green *proc.Process, database string, known map[string]client.BookingStatus) {
	t.Helper()
	ctx := t.Context()
	old, today := blue.Client(t), green.Client(t)
	customer := &client.Customer{Name: "Ada", Email: "ada@example.com"}
	for i, c := range []struct {
		confirm, cancel *client.Client
		goes            bool
	}{
		{old, old, false},
		{old, today, false},
		{today, old, false},
		{today, today, false},
		{nil, old, false},
		{nil, today, true},
	} {
		w := wish()
		w.Start = w.Start.AddDate(0, 0, 30+i)
		held, err := today.Hold(ctx, "studio", w)
		must(t, err)
		token := client.Token(held.ManageToken)
		if c.confirm != nil {
			_, err := c.confirm.Confirm(ctx, "studio", held.ID, customer, token)
			must(t, err)
		}
		_, err = c.cancel.Cancel(ctx, "studio", held.ID, token)
		must(t, err)
		if !c.goes {
			known[held.ID] = client.Cancelled
		}
		execute(t, database, "UPDATE bookings SET updated_at = updated_at - interval '30 days' WHERE id = '"+held.ID+"'")
		execute(t, database, "UPDATE changes SET committed_at = committed_at - interval '30 days' WHERE (venue, revision) IN ("+
			"SELECT venue, revision FROM bookings WHERE id = '"+held.ID+"')")
	}
	s, err := postgres.Open(ctx, postgres.Config{URL: database})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	deleted, err := s.Trim(ctx, store.Retention{Holds: store.MinHoldRetention}, 1000)
	must(t, err)
	if deleted != 1 {
		t.Errorf("%d bookings were deleted, and one was a hold that was cancelled as such", deleted)
	}
}

// oldProgram builds the program as it was before any migration but [firstSchema].
func oldProgram(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	must(t, err)
	git := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", root}, args...)...).Output()
		if err != nil {
			if failed, ok := errors.AsType[*exec.ExitError](err); ok {
				err = errors.New(string(failed.Stderr))
			}
			t.Fatalf("this test builds an earlier version out of the history of the repository, and needs it whole (git fetch --unshallow): "+
				"git %s: %v", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
	added := strings.Fields(git("log", "--diff-filter=A", "--format=%H", "--", migrations, ":(exclude)"+firstSchema))
	if len(added) == 0 {
		t.Fatalf("the history of the repository does not have the commits that added %s: it must be whole (git fetch --unshallow)", migrations)
	}
	commit := git("rev-parse", "--verify", added[len(added)-1]+"^")
	dir := t.TempDir()
	archive := filepath.Join(dir, "source.tar")
	git("archive", "--format=tar", "--output="+archive, commit)
	source := filepath.Join(dir, "source")
	must(t, os.Mkdir(source, 0o700))
	run := func(name string, args ...string) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir, cmd.Env = source, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build commit %s: %s %s: %v: %s", commit, name, strings.Join(args, " "), err, out)
		}
	}
	run("tar", "-xf", archive)
	program := filepath.Join(dir, "vacancy-before")
	run("go", "build", "-o", program, "./cmd/vacancy")
	return program
}
