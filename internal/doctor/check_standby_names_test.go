package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestStandbyNames(t *testing.T) {
	t.Parallel()
	table(t, "standby_names", sound,
		row{
			name: "everybody",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousStandbyNames = "ANY 1 (*)"
			},
			want: Note, subject: "a:5432", says: "takes whoever connects",
		},
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousStandbyNames = ""
			},
		},
	)
}
