package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSQLitePlace(t *testing.T) {
	t.Parallel()
	table(t, "sqlite_place", soundSQLite,
		row{
			name: "a network",
			fault: func(f *facts.Facts) {
				f.SQLite.FileSystem = "nfs"
			},
			want: Warning, subject: "vacancy.db", says: "nfs",
		},
		row{
			name: "memory",
			fault: func(f *facts.Facts) {
				f.SQLite.FileSystem = "tmpfs"
			},
			want: Problem, subject: "vacancy.db", says: "gone when the machine restarts",
		},
		row{
			name: "a container",
			fault: func(f *facts.Facts) {
				f.SQLite.FileSystem = "overlay"
			},
			want: Warning, subject: "vacancy.db", says: "container",
		},
		row{
			name: "not known",
			fault: func(f *facts.Facts) {
				f.SQLite.FileSystem = ""
			},
		},
		row{
			name: "unheard of",
			fault: func(f *facts.Facts) {
				f.SQLite.FileSystem = "0x1234"
			},
			want: OK, subject: "vacancy.db", says: "0x1234",
		},
	)
}
