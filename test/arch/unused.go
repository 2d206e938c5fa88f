package arch

import (
	"fmt"
	"slices"
)

// Unused returns one sentence for each entry of the tables that no package stands behind, in order: a room that does not exist, a room
// that owns a library and does not import it, a library for tests that no test imports. Such entries tell a reader of rooms that are not
// there, and admit unasked whoever takes the name next. That a room may import another, and does not, is a decision and no leftover.
func Unused(packages []Package) []string {
	imports := make(map[string][]string) // of each room, its tests apart
	var inTests []string
	for _, p := range packages {
		room := roomOf(p.Path)
		imports[room] = append(imports[room], p.Imports...)
		inTests = slices.Concat(inTests, p.TestImports, p.Imports)
	}
	var unused []string
	report := func(format string, args ...any) { unused = append(unused, fmt.Sprintf(format, args...)) }
	for room := range mayImport {
		if _, exists := imports[room]; !exists {
			report("the table has the room %s, which does not exist", room)
		}
	}
	for library, owners := range libraries {
		for _, owner := range owners {
			if !anyUnder(imports[owner], library) {
				report("the table gives %s to %s, which does not import it", library, owner)
			}
		}
	}
	for _, library := range testLibraries {
		if !anyUnder(inTests, library) {
			report("the table has %s for tests, and no test imports it", library)
		}
	}
	slices.Sort(unused)
	return unused
}

func anyUnder(paths []string, parent string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return under(path, parent) })
}
