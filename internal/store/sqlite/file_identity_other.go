//go:build !linux

package sqlite

import "os"

// Elsewhere than on Linux, the tokens alone tell a copy.

func identity(os.FileInfo) string { return "" }

func state(os.FileInfo) string { return "" }

func names(os.FileInfo) uint64 { return 1 }
