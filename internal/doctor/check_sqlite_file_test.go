package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	table(t, "sqlite_file", soundSQLite,
		row{
			name: "missing",
			fault: func(f *facts.Facts) {
				f.SQLite = &facts.SQLite{Path: "v.db"}
			},
			want: Note, subject: "v.db", says: "no such file",
		},
		row{
			name: "a log without its file",
			fault: func(f *facts.Facts) {
				f.SQLite = &facts.SQLite{Path: "v.db", LogWithoutFile: true}
			},
			want: Problem, subject: "v.db", says: "log (-wal) without",
		},
		row{
			name: "no database",
			fault: func(f *facts.Facts) {
				f.SQLite.Fault = "it is not a database"
			},
			want: Problem, subject: "vacancy.db", says: "it is not a database",
		},
		row{
			name: "damaged",
			fault: func(f *facts.Facts) {
				f.SQLite.DamageNoted = "row 7 missing"
			},
			want: Problem, subject: "vacancy.db", says: "row 7 missing",
		},
		row{
			name: "two names",
			fault: func(f *facts.Facts) {
				f.SQLite.Names = 2
			},
			want: Problem, subject: "vacancy.db", says: "2 names",
		},
	)
}
