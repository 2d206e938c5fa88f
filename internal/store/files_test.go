package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestStoresHaveTheSameFiles reads the table of docs/add-a-store.md: what it names is in every store, so that who knows one store
// finds the place in another.
func TestStoresHaveTheSameFiles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/add-a-store.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| ((?:`[a-z_]+\\.go`(?:, )?)+) \\|").FindAllStringSubmatch(string(page), -1)
	names := 0
	for _, row := range rows {
		for _, name := range regexp.MustCompile(`[a-z_]+\.go`).FindAllString(row[1], -1) {
			names++
			for _, store := range []string{"sqlite", "postgres"} {
				if _, err := os.Stat(filepath.Join(store, name)); err != nil {
					t.Errorf("the page says that every store has %s: %v", name, err)
				}
			}
		}
	}
	if names < 20 {
		t.Errorf("the table names %d files", names)
	}
}
