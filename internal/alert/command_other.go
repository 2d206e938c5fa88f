//go:build !unix

package alert

import "os/exec"

// endWithChildren leaves what the command has started to itself.
func endWithChildren(*exec.Cmd) {}
