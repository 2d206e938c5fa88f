package app

import "syscall"

// mayWrite is W_OK and X_OK of access(2): files can be made in the directory, and renamed.
const mayWrite = 2 | 1

// unwritable says why this user can make no files in a directory, without making one; empty if it can.
func unwritable(dir string) string {
	if err := syscall.Access(dir, mayWrite); err != nil {
		return err.Error()
	}
	return ""
}
