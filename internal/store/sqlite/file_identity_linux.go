package sqlite

import (
	"fmt"
	"os"
	"syscall"
)

// identity tells a file from every other of this machine, for as long as it exists.
func identity(info os.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
	}
	return ""
}

// state tells a file from every other and from itself after it was written or moved. The system keeps that time by itself: no tool can
// set it, as those that restore files set the time of modification.
func state(info os.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%s:%d", identity(info), stat.Ctim.Nano())
	}
	return ""
}

// names is how many names a file has.
func names(info os.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink) //nolint:unconvert // narrower on other processors
	}
	return 1
}
