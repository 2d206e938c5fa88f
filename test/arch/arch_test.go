package arch

import (
	"path/filepath"
	"slices"
	"testing"
)

// The module as it is keeps to the table.
func TestModuleKeepsToItsRooms(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found, err := list(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	packages, impurities, err := read(found)
	if err != nil {
		t.Fatal(err)
	}
	// A list that lacks the two ends of the module would pass every check.
	for _, path := range []string{"vacancy/cmd/vacancy", "vacancy/internal/booking"} {
		if !slices.ContainsFunc(packages, func(p Package) bool { return p.Path == path && len(p.Imports) > 0 }) {
			t.Errorf("%s is not among the %d packages listed", path, len(packages))
		}
	}
	for _, breach := range slices.Concat(Check(packages), impurities, Unused(packages)) {
		t.Error(breach)
	}
}
