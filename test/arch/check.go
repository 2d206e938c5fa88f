package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Package is what the go command tells of one package of the module.
type Package struct {
	// Path is the import path: "vacancy/internal/desk".
	Path string
	// Name is the name in the package clause.
	Name string
	// Imports are those of the package itself, on every system and with every build tag.
	Imports []string
	// TestImports are those of its test files, external tests among them.
	TestImports []string
}

// Check compares packages with the table and returns one sentence for each breach, in order.
func Check(packages []Package) []string {
	var breaches []string
	for _, p := range packages {
		if name := emptyName(p); name != "" {
			breaches = append(breaches, fmt.Sprintf("%s: %q says nothing of what the package is for", p.Path, name))
		}
		room := roomOf(p.Path)
		if _, known := mayImport[room]; !known {
			breaches = append(breaches, fmt.Sprintf("%s: the room %q is not in the table of test/arch", p.Path, room))
			continue
		}
		for _, imported := range p.Imports {
			if why := refuse(room, imported); why != "" {
				breaches = append(breaches, fmt.Sprintf("%s imports %s: %s", p.Path, imported, why))
			}
		}
		for _, imported := range p.TestImports {
			if why := refuseInTest(room, imported); why != "" {
				breaches = append(breaches, fmt.Sprintf("%s imports %s in a test: %s", p.Path, imported, why))
			}
		}
	}
	slices.Sort(breaches)
	return slices.Compact(breaches)
}

// refuse says why a room may not import a path, or "".
func refuse(room, imported string) string {
	forTests := underAny(imported, testLibraries) || underAny(imported, testPackages)
	switch {
	case ours(imported):
		return refuseRoom(room, roomOf(imported))
	case imported == "C":
		return "the server is built without cgo"
	case forTests && isForTests(room):
		return ""
	case forTests:
		return "it is for tests"
	case !standard(imported):
		return refuseLibrary(room, imported)
	case slices.Contains(valueRooms, room) && underAny(imported, outside):
		return room + " reaches nothing outside"
	case slices.Contains(pure, room) && underAny(imported, randomness):
		return room + " is pure: the same values in, the same values out"
	default:
		return ""
	}
}

// isForTests tells whether a room is the tests' own: test/, or the conformance suite of a contract.
func isForTests(room string) bool { return room == "test" || strings.HasSuffix(room, "test") }

func refuseRoom(room, other string) string {
	allowed := mayImport[room]
	switch {
	case room == other && (room == "test" || room == "examples"): // one room of several packages
		return ""
	case slices.Contains(allowed, other):
		return ""
	case slices.Contains(allowed, everything) && !slices.Contains([]string{"cmd", "cli", "test"}, other):
		return ""
	case len(allowed) == 0:
		return fmt.Sprintf("%s imports no other room", room)
	default:
		return fmt.Sprintf("%s may import %s", room, strings.Join(allowed, ", "))
	}
}

func refuseLibrary(room, imported string) string {
	for library, owners := range libraries {
		if !under(imported, library) {
			continue
		}
		if slices.Contains(owners, room) {
			return ""
		}
		return fmt.Sprintf("%s belongs to %s", library, strings.Join(owners, ", "))
	}
	return "the library is not in the table of test/arch"
}

// inLibraries tells whether the table has an owner for a library.
func inLibraries(imported string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(libraries)), func(library string) bool { return under(imported, library) })
}

// refuseInTest says why the test files of a room may not import a path, or "". They see more than their room does: conformance
// suites, stores and other neighbours to test with, the whole application. But values are tested with values alone, the command is
// started and not imported, and drivers stay where they are.
func refuseInTest(room, imported string) string {
	if !ours(imported) {
		if standard(imported) || underAny(imported, testLibraries) || room == "test" && inLibraries(imported) {
			return ""
		}
		return refuseLibrary(room, imported)
	}
	other := roomOf(imported)
	switch {
	case other == room:
		return ""
	case slices.Contains(valueRooms, room) && !slices.Contains(valueRooms, other):
		return room + " is tested with values alone"
	case other == "cmd":
		return "a test starts the command, or calls cli"
	case other == "cli" && room != "cmd" && room != "test":
		return "only test/ and the command's own tests call cli"
	default:
		return ""
	}
}

// emptyName is the element of a package's path, or its name, that says nothing.
func emptyName(p Package) string {
	for _, name := range append(strings.Split(p.Path, "/"), p.Name) {
		if slices.Contains(emptyNames, name) {
			return name
		}
	}
	return ""
}

// roomOf is the room that a package of the module belongs to.
func roomOf(importPath string) string {
	room := strings.TrimPrefix(strings.TrimPrefix(importPath, module+"/"), "internal/")
	for _, whole := range []string{"cmd", "test", "examples"} {
		if under(room, whole) {
			return whole
		}
	}
	return room
}

func ours(importPath string) bool { return under(importPath, module) }

// standard tells the standard library's paths from others: their first element has no dot.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// under tells whether a path is parent or below it.
func under(importPath, parent string) bool {
	return importPath == parent || strings.HasPrefix(importPath, parent+"/")
}

func underAny(importPath string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool { return under(importPath, parent) })
}

// isValueRoom tells whether the package at a path belongs to the domain or to a pure room.
func isValueRoom(importPath string) bool { return slices.Contains(valueRooms, roomOf(importPath)) }
