package sqlite

import "syscall"

// diskFree is how many bytes a program that is not root may still write to the disk of a directory; -1 if that is not known.
func diskFree(dir string) int64 {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return -1
	}
	return int64(stat.Bavail) * stat.Bsize
}
