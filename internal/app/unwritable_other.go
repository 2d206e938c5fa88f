//go:build !linux

package app

// unwritable is not known without making a file.
func unwritable(string) string { return "" }
