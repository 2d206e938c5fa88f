package proc

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// LaunchIn is [Launch] in a root directory of its own, where the program finds nothing that the test has not put there. The database's
// path is one inside of it.
func LaunchIn(tb testing.TB, root, database string, args ...string) *Process {
	tb.Helper()
	const inside = "/vacancy"
	if err := copyFile(filepath.Join(root, inside), Program(tb)); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(inside, slices.Concat(serveLine, args)...) //nolint:gosec,noctx // our own program; Kill ends it
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", []string{}, chroot(root)
	return start(tb, cmd, database)
}

// chroot starts a process in a root directory of its own. Who is not root may do so in a user namespace.
func chroot(root string) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Chroot: root}
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 {
		attributes.Cloneflags = syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}}
	}
	return attributes
}

func copyFile(to, from string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700) //nolint:gosec // it is to be run
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := target.Close(); err == nil {
			err = closeErr
		}
	}()
	_, err = io.Copy(target, source)
	return err
}
