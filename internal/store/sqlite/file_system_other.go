//go:build !linux

package sqlite

// fileSystem is not known.
func fileSystem(string) string { return "" }
