package doctor

import "vacancy/internal/doctor/facts"

// sqliteDisk: there is room for more bookings.
func sqliteDisk(f *facts.Facts) []Finding {
	s := f.SQLite
	if s == nil || s.FreeBytes < 0 {
		return nil
	}
	const todo = "Make room: logs and old copies first. Never delete the files that end in -wal or -shm."
	switch {
	case s.FreeBytes < hardlyDisk:
		return []Finding{found(Problem, linkDisk, s.Path, "its disk has %d MB left: bookings are refused when it is "+
			"full", s.FreeBytes>>20).todo(todo)}
	case s.FreeBytes < littleDisk:
		return []Finding{found(Warning, linkDisk, s.Path, "its disk has %d MB left: bookings are refused when it is "+
			"full", s.FreeBytes>>20).todo(todo)}
	}
	return []Finding{found(OK, linkDisk, s.Path, "its disk has %d MB left", s.FreeBytes>>20)}
}
