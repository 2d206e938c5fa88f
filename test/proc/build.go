package proc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// buildLine is how `make build` builds the product: statically, so that it runs in an empty root.
var buildLine = []string{"build", "-trimpath", "-ldflags=-s -w"}

// programs are what this test process has built, in a directory of its own.
var programs struct {
	mu   sync.Mutex
	dir  string
	once map[string]func() error
}

// Program builds the server once for the whole test process, and returns its path. The test process removes it at its end: see [Main].
func Program(tb testing.TB) string {
	tb.Helper()
	return built(tb, "vacancy", func(target string) error { return goBuild("", target, "vacancy/cmd/vacancy") })
}

// ProgramOf is [Program] as it was at a commit.
func ProgramOf(tb testing.TB, commit string) string {
	tb.Helper()
	return built(tb, "vacancy-"+commit, func(target string) error {
		source := target + "-source"
		defer os.RemoveAll(source)
		defer os.Remove(source + ".tar")
		if _, err := git("archive", "--format=tar", "--output="+source+".tar", commit); err != nil {
			return err
		}
		if err := os.Mkdir(source, 0o700); err != nil {
			return err
		}
		unpack := exec.CommandContext(context.Background(), "tar", "-xf", source+".tar", "-C", source) //nolint:gosec // our own
		if err := run(unpack); err != nil {
			return err
		}
		return goBuild(source, target, "./cmd/vacancy")
	})
}

// ProgramWith is [Program] with other source: a file's contents by its path in the module, be it there or not. The name tells such programs
// from each other.
func ProgramWith(tb testing.TB, name string, files map[string]string) string {
	tb.Helper()
	return built(tb, "vacancy-"+name, func(target string) error {
		root, err := filepath.Abs("../..")
		if err != nil {
			return err
		}
		source := target + "-source"
		defer os.RemoveAll(source)
		if err := os.Mkdir(source, 0o700); err != nil {
			return err
		}
		replace := make(map[string]string)
		for file, contents := range files {
			replacement := filepath.Join(source, strings.ReplaceAll(file, "/", "-"))
			replace[filepath.Join(root, filepath.FromSlash(file))] = replacement
			if err := os.WriteFile(replacement, []byte(contents), 0o600); err != nil {
				return err
			}
		}
		overlay, err := json.Marshal(map[string]any{"Replace": replace})
		if err != nil {
			return err
		}
		list := filepath.Join(source, "overlay.json")
		if err := os.WriteFile(list, overlay, 0o600); err != nil {
			return err
		}
		return goBuild(root, target, "-overlay", list, "./cmd/vacancy")
	})
}

// toolTags leave the databases out of Caddy that its own releases leave out. The Makefile builds with them, too.
const toolTags = "-tags=nobadger,nomysql,nopgx"

// Tool is [Program] for a program of tools/go.mod, by its import path. The test's working directory is two below the module's root.
func Tool(tb testing.TB, importPath string) string {
	tb.Helper()
	return built(tb, path.Base(importPath), func(target string) error { return goBuild("../../tools", target, toolTags, importPath) })
}

// Git is what git says of the repository, whose history must be whole.
func Git(tb testing.TB, args ...string) string {
	tb.Helper()
	out, err := git(args...)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func git(args ...string) (string, error) {
	line := append([]string{"-C", "../.."}, args...)
	out, err := exec.CommandContext(context.Background(), "git", line...).Output() //nolint:gosec // what tests ask of the repository
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			err = errors.New(string(failed.Stderr))
		}
		return "", fmt.Errorf("this test looks into the history of the repository, and needs it whole (git fetch --unshallow): git %s: %w",
			strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

func goBuild(dir, target string, args ...string) error {
	cmd := exec.CommandContext(context.Background(), "go", slices.Concat(buildLine, []string{"-o", target}, args)...) //nolint:gosec // fixed
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	return run(cmd)
}

func run(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// built is the path of a program of that name. The first who asks for it builds it.
func built(tb testing.TB, name string, build func(target string) error) string {
	tb.Helper()
	once, target, err := prepareBuild(name, build)
	if err == nil {
		err = once()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return target
}

func prepareBuild(name string, build func(target string) error) (once func() error, target string, err error) {
	programs.mu.Lock()
	defer programs.mu.Unlock()
	if programs.dir == "" {
		if programs.dir, err = os.MkdirTemp("", "vacancy-test-"); err != nil {
			return nil, "", err
		}
		programs.once = make(map[string]func() error)
	}
	target = filepath.Join(programs.dir, name)
	if programs.once[name] == nil {
		programs.once[name] = sync.OnceValue(func() error { return build(target) })
	}
	return programs.once[name], target, nil
}
