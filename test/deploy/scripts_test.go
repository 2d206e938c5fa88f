package deploy

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestScriptsCanBeRun: what begins with an interpreter's name can be run by its own, as the docs do it.
func TestScriptsCanBeRun(t *testing.T) {
	t.Parallel()
	scripts := 0
	for _, folder := range []string{"../../deploy", "../../scripts", "../../.ci"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil || !bytes.HasPrefix(content, []byte("#!")) {
				return err
			}
			scripts++
			info, err := entry.Info()
			if err == nil && info.Mode()&0o111 != 0o111 {
				t.Errorf("%s cannot be run: its mode is %s", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if scripts == 0 {
		t.Error("there are no scripts to look at")
	}
}
