package doctor

import "vacancy/internal/doctor/facts"

// Kinds of file systems that are no place for the file.
var (
	remoteFileSystems = map[string]bool{
		"nfs": true, "cifs": true, "smb2": true, "9p": true, "ceph": true, "afs": true, "fuse": true, "lustre": true, "gfs2": true, "ocfs2": true,
	}
	volatileFileSystems = map[string]bool{"tmpfs": true, "ramfs": true}
)

// sqlitePlace: the file is on a disk of this machine, and stays there.
func sqlitePlace(f *facts.Facts) []Finding {
	s := f.SQLite
	switch {
	case s == nil, s.FileSystem == "":
		return nil
	case remoteFileSystems[s.FileSystem]:
		return []Finding{found(Warning, linkSQLite, s.Path, "it is on a file system of another machine or of a program (%s): locks and "+
			"flushes of these cannot be relied on", s.FileSystem).todo("Move it to a disk of this machine, or use PostgreSQL.")}
	case volatileFileSystems[s.FileSystem]:
		return []Finding{found(Problem, linkSQLite, s.Path, "it is in memory (%s): all bookings are gone when the machine "+
			"restarts", s.FileSystem).
			todo("Move it to a disk.")}
	case s.FileSystem == "overlay":
		return []Finding{found(Warning, linkSQLite, s.Path, "it is on a container's own layer (overlay), which goes with the container").
			todo("Put it on a volume.")}
	}
	return []Finding{found(OK, linkSQLite, s.Path, "it is on a disk of this machine (%s)", s.FileSystem)}
}
