package doctor

import "vacancy/internal/doctor/facts"

// sqliteFile: the file is a sound database under one name.
func sqliteFile(f *facts.Facts) (all []Finding) {
	s := f.SQLite
	if s == nil {
		return nil
	}
	switch {
	case s.LogWithoutFile:
		all = append(all, found(Problem, linkDamaged, s.Path, "there is a log (-wal) without the file that it belongs to: bookings may be in it").
			todo("Copy all that is beside %s to a safe place before a server starts, and put the file back.", s.Path))
	case !s.Exists:
		all = append(all, found(Note, linkSQLite, s.Path, "there is no such file: the first start of a server makes it").
			todo("If there should be one, look whether --database names it from the directory in which the server runs."))
	case s.Fault != "":
		all = append(all, found(Problem, linkDamaged, s.Path, "it cannot be used: %s", s.Fault).
			todo("Look whether it is the file that servers use; if so, go by docs/sqlite.md."))
	}
	if s.DamageNoted != "" {
		all = append(all, found(Problem, linkDamaged, s.Path, "it was found to be damaged: %s", s.DamageNoted).
			todo("Leave the server stopped, and go by docs/sqlite.md."))
	}
	if s.Names > 1 {
		all = append(all, found(Problem, linkSQLite, s.Path, "it has %d names (hard links), and a server that opens it by another one would "+
			"not see this one's lock", s.Names).todo("Remove the others, or use a copy."))
	}
	if len(all) == 0 {
		all = append(all, found(OK, linkSQLite, s.Path, "it is a database of %d MB with a log of %d MB", s.FileBytes>>20, s.LogBytes>>20))
	}
	return all
}
