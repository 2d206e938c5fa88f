package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSQLitePermissions(t *testing.T) {
	t.Parallel()
	table(t, "sqlite_permissions", soundSQLite,
		row{
			name: "others",
			fault: func(f *facts.Facts) {
				f.SQLite.Mode = 0o644
			},
			want: Warning, subject: "vacancy.db", says: "0644",
		},
		row{
			name: "the directory",
			fault: func(f *facts.Facts) {
				f.SQLite.DirectoryFault = "permission denied"
			},
			want: Warning, subject: "vacancy.db", says: "permission denied",
		},
	)
}
