package e2e

import (
	"maps"
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

// shipped is the commit of the last version that others may run. Its migrations stand as they are; whatever is changed comes in another
// file. It is moved on with each version.
const shipped = "9627daee8243cfa9f21d232380bb1e62d7164baf"

// TestShippedMigrationsStand compares the migrations with those of the version that was shipped. The lists of checksums beside them can be
// changed together with a migration; the history cannot.
func TestShippedMigrationsStand(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{migrations, "internal/store/sqlite/migrations"} {
		names := strings.Fields(proc.Git(t, "ls-tree", "--name-only", shipped, folder+"/"))
		if len(names) == 0 {
			t.Errorf("the version that was shipped has nothing in %s", folder)
		}
		for _, name := range names {
			if proc.Git(t, "hash-object", "--", name) != proc.Git(t, "rev-parse", shipped+":"+name) {
				t.Errorf("%s was changed after it was shipped: put it back, and write another", name)
			}
		}
	}
}

// TestVersionsSideBySide runs an older build, and then today's beside it on the same database, which it migrates under the feet of the
// other. Both book, also the same slots, and the database agrees with itself. One is the oldest that must get along with today's, the other
// the last that was shipped, which can also come back.
func TestVersionsSideBySide(t *testing.T) {
	t.Parallel()
	t.Run("the oldest", func(t *testing.T) {
		t.Parallel()
		checkSideBySide(t, oldProgram(t), false)
	})
	t.Run("the last that was shipped", func(t *testing.T) {
		t.Parallel()
		checkSideBySide(t, proc.ProgramOf(t, shipped), true)
	})
}

// checkSideBySide runs a program beside today's. knowsAll: it knows the settings that today's does, and can come back.
func checkSideBySide(t *testing.T, program string, knowsAll bool) {
	t.Helper()
	database := postgrestest.Shared(t).Schema(t)
	blue := proc.LaunchOf(t, program, database)
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
	checkEditsOfBoth(t, blue, green, knowsAll)
	checkHoldsOfBoth(t, blue, green, database, known)
	checkSurvivors(t, green, known)
	checkSurvivors(t, blue, known)
	if knowsAll {
		checkSurvivors(t, proc.LaunchOf(t, program, database), known)
	}
	if said, code := proc.Run(t, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
}

// TestShippedFile has today's program take over the SQLite file of the version that was shipped, and that version take it back.
func TestShippedFile(t *testing.T) {
	t.Parallel()
	program := proc.ProgramOf(t, shipped)
	database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	known := make(map[string]client.BookingStatus)
	for i, run := range []string{program, proc.Program(t), program, proc.Program(t)} {
		server := proc.LaunchOf(t, run, database)
		if i == 0 {
			class(t, server.Client(t), places)
		}
		checkSurvivors(t, server, known)
		w := startWork(t, server.URL, tomorrow().AddDate(0, 0, 2*i))
		w.some(t, 20)
		maps.Copy(known, w.end())
		w.checkRefusals(t)
		must(t, server.Stop(t.Context()))
	}
	if said, code := proc.Run(t, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
}

// checkEditsOfBoth has the older program edit what today's has put with settings that not every program knows. One that does not know them
// leaves them as they are; one that does sets them to their defaults here, which its entry does not state. Either is so for a node that has
// the venue in memory, as in the database.
func checkEditsOfBoth(t *testing.T, blue, green *proc.Process, knowsAll bool) {
	t.Helper()
	ctx := t.Context()
	old, today := blue.Client(t), green.Client(t)
	room, err := today.Resource(ctx, "studio", "room")
	must(t, err)
	course, err := today.Service(ctx, "studio", "class")
	must(t, err)
	plainRoom, plainCourse := room, course
	room.Order, course.Order, course.Limits = 5, 7, client.Limits{HoldsPerClient: 30, BookingsPerClient: 700}
	_, err = today.PutResource(ctx, "studio", room)
	must(t, err)
	course, err = today.PutService(ctx, "studio", course)
	must(t, err)

	oldRoom, err := old.Resource(ctx, "studio", "room")
	must(t, err)
	oldCourse, err := old.Service(ctx, "studio", "class")
	must(t, err)
	wantRoom, wantCourse := room, course
	if knowsAll {
		oldRoom.Order, oldCourse.Order, oldCourse.Limits = 0, 0, client.Limits{}
		wantRoom, wantCourse = plainRoom, plainCourse
	}
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
	if room.Name != "Another room" || room.Order != wantRoom.Order {
		t.Errorf("after an edit by the older program the room is %+v", room)
	}
	course, err = today.Service(ctx, "studio", "class")
	must(t, err)
	if course.Name != "Another class" || course.Order != wantCourse.Order || course.Limits != wantCourse.Limits {
		t.Errorf("after an edit by the older program the service is %+v", course)
	}
}

// checkHoldsOfBoth has both programs make holds and end them in every way. Days later those go that were never confirmed and that today's
// has ended: the other does not say what became of a hold. Nor does the other delete what was confirmed: it goes by was_confirmed.
func checkHoldsOfBoth(t *testing.T, blue, green *proc.Process, database string, known map[string]client.BookingStatus) {
	t.Helper()
	ctx := t.Context()
	old, today := blue.Client(t), green.Client(t)
	customer := &client.Customer{Name: "Ada", Email: "ada@example.com"}
	gone := 0
	for i, c := range []struct {
		hold, confirm, cancel *client.Client
		goes                  bool
	}{
		{today, old, old, false},
		{today, old, today, false},
		{today, today, old, false},
		{today, today, today, false},
		{today, nil, old, false},
		{today, nil, today, true},
		{old, old, old, false},
		{old, old, today, false},
		{old, today, old, false},
		{old, today, today, false},
		{old, nil, today, true},
	} {
		w := wish()
		w.Start = w.Start.AddDate(0, 0, 30+i)
		held, err := c.hold.Hold(ctx, "studio", w)
		must(t, err)
		token := client.Token(held.ManageToken)
		if c.confirm != nil {
			_, err := c.confirm.Confirm(ctx, "studio", held.ID, customer, token)
			must(t, err)
		}
		_, err = c.cancel.Cancel(ctx, "studio", held.ID, token)
		must(t, err)
		if c.goes {
			gone++
		} else {
			known[held.ID] = client.Cancelled
		}
		if c.confirm != nil { // dividing by none fails
			execute(t, database, "SELECT 1 / count(*) FROM bookings WHERE was_confirmed AND id = '"+held.ID+"'")
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
	if deleted != gone {
		t.Errorf("%d bookings were deleted, and %d were holds that were cancelled as such", deleted, gone)
	}
}

// oldProgram builds the program as it was before any migration but [firstSchema].
func oldProgram(t *testing.T) string {
	t.Helper()
	added := strings.Fields(proc.Git(t, "log", "--diff-filter=A", "--format=%H", "--", migrations, ":(exclude)"+firstSchema))
	if len(added) == 0 {
		t.Fatalf("the history of the repository does not have the commits that added %s: it must be whole (git fetch --unshallow)", migrations)
	}
	return proc.ProgramOf(t, proc.Git(t, "rev-parse", "--verify", added[len(added)-1]+"^"))
}
