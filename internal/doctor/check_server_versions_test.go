package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestServerVersions(t *testing.T) {
	t.Parallel()
	table(t, "server_versions", sound,
		row{
			name: "minor",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Version = "15.4"
			},
			want: Note, says: "15.3, 15.4",
		},
		row{
			name: "major",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Version = "16.1"
			},
			want: Warning, says: "15.3, 16.1",
		},
		row{
			name: "one away",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Version = ""
			},
		},
	)
}
