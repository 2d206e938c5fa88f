//go:build !linux

package sqlite

// diskFree is not known.
func diskFree(string) int64 { return -1 }
