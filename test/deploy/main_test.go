package deploy

import (
	"os"
	"testing"

	"vacancy/test/proc"
)

func TestMain(m *testing.M) { proc.Main(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read is a file of the repository, by its path from the root.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile("../../" + path)
	must(t, err)
	return string(content)
}
