package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSQLiteDisk(t *testing.T) {
	t.Parallel()
	table(t, "sqlite_disk", soundSQLite,
		row{
			name: "little",
			fault: func(f *facts.Facts) {
				f.SQLite.FreeBytes = 500 << 20
			},
			want: Warning, subject: "vacancy.db", says: "500 MB",
		},
		row{
			name: "hardly any",
			fault: func(f *facts.Facts) {
				f.SQLite.FreeBytes = 10 << 20
			},
			want: Problem, subject: "vacancy.db", says: "10 MB",
		},
		row{
			name: "full",
			fault: func(f *facts.Facts) {
				f.SQLite.FreeBytes = 0
			},
			want: Problem, subject: "vacancy.db", says: "0 MB left",
		},
		row{
			name: "not known",
			fault: func(f *facts.Facts) {
				f.SQLite.FreeBytes = -1
			},
		},
	)
}
