package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestDatabaseEncryption(t *testing.T) {
	t.Parallel()
	table(t, "database_encryption", sound,
		row{
			name: "unverified",
			fault: func(f *facts.Facts) {
				f.Postgres.Unverified = true
			},
			want: Warning, says: "sslmode",
		},
	)
}
