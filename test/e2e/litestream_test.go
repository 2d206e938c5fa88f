package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vacancy/test/proc"
)

// Litestream copies the file beside a server that is busy, which is killed then, with all that it has. What docs/sqlite.md says of it is
// done here: the copy is restored, verified and served, and has every booking that was acknowledged.
func TestLitestreamBesideTheServer(t *testing.T) {
	t.Parallel()
	litestream := proc.Tool(t, "github.com/benbjohnson/litestream/cmd/litestream")
	dir := t.TempDir()
	database, replica, config := filepath.Join(dir, "v.db"), filepath.Join(dir, "replica"), filepath.Join(dir, "litestream.yml")
	settings := fmt.Sprintf("dbs:\n  - path: %s\n    replica:\n      type: file\n      path: %s\n", database, replica)
	must(t, os.WriteFile(config, []byte(settings), 0o600))
	server := proc.Launch(t, "sqlite:"+database)
	class(t, server.Client(t), 1_000_000)

	replicate := exec.Command(litestream, "replicate", "-config", config)
	var said strings.Builder
	replicate.Stdout, replicate.Stderr = &said, &said
	must(t, replicate.Start())
	ended := make(chan error, 1)
	go func() { ended <- replicate.Wait() }()
	t.Cleanup(func() { _ = replicate.Process.Kill() })
	eventually(t, "the copy is begun", func() bool {
		files, err := filepath.Glob(filepath.Join(replica, "ltx", "0", "*.ltx"))
		return err == nil && len(files) > 0
	})
	w := startWork(t, server.URL, tomorrow())
	w.some(t, 300)
	known := w.end()
	// It copies all there is before it ends, as a machine that is shut down lets it; then the server is killed, and its disk is gone.
	must(t, replicate.Process.Signal(syscall.SIGTERM))
	if err := <-ended; err != nil {
		t.Fatalf("litestream ended with %v: %s", err, said.String())
	}
	server.Kill()
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		must(t, os.Remove(database+suffix))
	}

	if out, err := exec.Command(litestream, "restore", "-config", config, "-o", database, database).CombinedOutput(); err != nil {
		t.Fatalf("restore: %v: %s", err, out)
	}
	checkClean(t, "sqlite:"+database)
	again := proc.Launch(t, "sqlite:"+database)
	checkSurvivors(t, again, known)
}
