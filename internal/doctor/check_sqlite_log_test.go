package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSQLiteLog(t *testing.T) {
	t.Parallel()
	table(t, "sqlite_log", soundSQLite,
		row{
			name: "large",
			fault: func(f *facts.Facts) {
				f.SQLite.LogBytes = 600 << 20
			},
			want: Warning, subject: "vacancy.db", says: "600 MB",
		},
		row{
			name: "as it may be",
			fault: func(f *facts.Facts) {
				f.SQLite.LogBytes = 64 << 20
			},
		},
	)
}
