package storetest

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"vacancy/internal/store"
)

// ShippedMigrations compares a store's migrations with the checksums of those that were shipped. A shipped migration never changes: a
// database that has run it will not run it again, and would lack what was put in later. With VACANCY_SHIP=1 in the environment, the
// migrations that are not listed yet are added to the list, which is a step of each release.
func ShippedMigrations(t *testing.T, folder fs.FS, list string) {
	t.Helper()
	migrations, err := store.Migrations(folder)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(list)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	shipped := make(map[string]string) // checksums by name
	for line := range strings.Lines(string(data)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		shipped[name] = sum
	}
	for _, fault := range changedMigrations(migrations, shipped) {
		t.Error(fault)
	}
	if os.Getenv("VACANCY_SHIP") != "1" || t.Failed() {
		return
	}
	var lines strings.Builder
	for _, m := range migrations {
		lines.WriteString(m.Checksum + "  " + m.Name + "\n")
	}
	if err := os.WriteFile(list, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// changedMigrations says what is not as it was shipped.
func changedMigrations(migrations []store.Migration, shipped map[string]string) (faults []string) {
	last := ""
	there := make(map[string]bool)
	for _, m := range migrations {
		there[m.Name] = true
		switch sum, ok := shipped[m.Name]; {
		case ok && sum != m.Checksum:
			faults = append(faults, "migration "+m.Name+" was changed after it was shipped: put it back, and write another")
		case ok:
			last = m.Name
		}
	}
	for name := range shipped {
		if !there[name] {
			faults = append(faults, "migration "+name+" was shipped, and is gone")
		}
	}
	for _, m := range migrations {
		if shipped[m.Name] == "" && m.Name < last {
			faults = append(faults, "migration "+m.Name+" comes before "+last+", which was shipped: databases would not run it")
		}
	}
	if len(shipped) == 0 {
		faults = append(faults, "no migration is listed as shipped")
	}
	return faults
}
