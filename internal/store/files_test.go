package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStoresHaveTheSameFiles reads the tables of docs/add-a-store.md: what the first one names is in every store, so that who knows one
// store finds the place in another; and what the others name is all that only one has.
func TestStoresHaveTheSameFiles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/add-a-store.md")
	if err != nil {
		t.Fatal(err)
	}
	common, rest, _ := strings.Cut(string(page), "\nWhat only one of them has")
	postgresOnly, sqliteOnly, _ := strings.Cut(rest, "| SQLite |")
	ofAll := filesNamed(common)
	for store, only := range map[string]string{"postgres": postgresOnly, "sqlite": sqliteOnly} {
		named := append(filesNamed(only), append(ofAll, "doc.go")...)
		files, err := filepath.Glob(filepath.Join(store, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				found = append(found, platform.ReplaceAllString(filepath.Base(file), "_*.go"))
			}
		}
		for _, name := range found {
			if !slices.Contains(named, name) {
				t.Errorf("the page does not name %s of %s", name, store)
			}
		}
		for _, name := range named {
			if !slices.Contains(found, name) {
				t.Errorf("the page names %s, which %s does not have", name, store)
			}
		}
	}
	if len(ofAll) < 20 {
		t.Errorf("the table names %d files", len(ofAll))
	}
}

// platform is how the name of a file ends that is for one operating system, or for all others.
var platform = regexp.MustCompile(`_(linux|other)\.go$`)

// filesNamed are the files in the first columns of tables.
func filesNamed(page string) (names []string) {
	for _, row := range regexp.MustCompile("(?m)^\\| ((?:`[a-z_*]+\\.go`(?:, )?)+) \\|").FindAllStringSubmatch(page, -1) {
		names = append(names, regexp.MustCompile(`[a-z_*]+\.go`).FindAllString(row[1], -1)...)
	}
	return names
}
