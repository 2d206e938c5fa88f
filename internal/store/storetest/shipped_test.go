package storetest

import (
	"strings"
	"testing"

	"vacancy/internal/store"
)

// The negative controls of [ShippedMigrations].
func TestChangedMigrationsAreNoticed(t *testing.T) {
	t.Parallel()
	one, two := store.Migration{Name: "00001_one.sql", Checksum: "1"}, store.Migration{Name: "00002_two.sql", Checksum: "2"}
	for _, c := range []struct {
		migrations []store.Migration
		shipped    map[string]string
		want       string
	}{
		{[]store.Migration{one, two}, map[string]string{one.Name: "1"}, ""},
		{[]store.Migration{one, two}, map[string]string{one.Name: "1", two.Name: "2"}, ""},
		{[]store.Migration{one, two}, map[string]string{one.Name: "0"}, "was changed"},
		{[]store.Migration{two}, map[string]string{one.Name: "1", two.Name: "2"}, "is gone"},
		{[]store.Migration{one, two}, map[string]string{two.Name: "2"}, "comes before"},
		{[]store.Migration{one, two}, nil, "no migration"},
	} {
		faults := strings.Join(changedMigrations(c.migrations, c.shipped), "; ")
		if c.want == "" && faults != "" || !strings.Contains(faults, c.want) {
			t.Errorf("%v of %v: got %q, want %q", c.migrations, c.shipped, faults, c.want)
		}
	}
}
