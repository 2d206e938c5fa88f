package doctor

import "vacancy/internal/doctor/facts"

// sqlitePermissions: the server's user can write beside the file, and others cannot read customers' data.
func sqlitePermissions(f *facts.Facts) (all []Finding) {
	s := f.SQLite
	if s == nil {
		return nil
	}
	if s.DirectoryFault != "" {
		all = append(all, found(Warning, linkSQLite, s.Path, "nothing can be written beside it by whoever runs this command: "+
			"%s", s.DirectoryFault).
			todo("If servers run as this user, let it write to the directory: the log and the lock stand there."))
	}
	if s.Exists && s.Mode&0o077 != 0 {
		all = append(all, found(Warning, linkSQLite, s.Path, "others than its owner have rights on it (%04o), and customers' names and "+
			"addresses are in it", s.Mode).todo("chmod 600 the file and what is beside it."))
	}
	return all
}
