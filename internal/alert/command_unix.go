//go:build unix

package alert

import (
	"os/exec"
	"syscall"
)

// endWithChildren has a command that takes too long ended together with what it has started.
func endWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
