//go:build unix

package limit

import "syscall"

// descriptors is how many files and connections the process may have open; 0 if that is not known. Go raises it to what the system
// allows when a program starts.
func descriptors() uint64 {
	var rlimit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &rlimit); err != nil {
		return 0
	}
	return uint64(rlimit.Cur) //nolint:unconvert // it is signed on some systems
}
