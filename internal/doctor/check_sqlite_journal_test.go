package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSQLiteJournal(t *testing.T) {
	t.Parallel()
	table(t, "sqlite_journal", soundSQLite,
		row{
			name: "another",
			fault: func(f *facts.Facts) {
				f.SQLite.JournalMode = "delete"
			},
			want: Note, subject: "vacancy.db", says: "delete",
		},
		row{
			name: "not known",
			fault: func(f *facts.Facts) {
				f.SQLite.JournalMode = ""
			},
		},
	)
}
