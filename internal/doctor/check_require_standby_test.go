package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestRequireStandby(t *testing.T) {
	t.Parallel()
	table(t, "require_standby", sound,
		row{
			name: "not required",
			fault: func(f *facts.Facts) {
				f.Settings.RequireStandby = false
			},
			want: Warning, subject: "a:5432", says: "is emptied",
		},
		row{
			name: "required and none",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousStandbyNames = ""
			},
			want: Problem, subject: "a:5432", says: "nothing is booked",
		},
		row{
			name: "neither",
			fault: func(f *facts.Facts) {
				f.Settings.RequireStandby, f.Postgres.Hosts[0].SynchronousStandbyNames = false, ""
			},
		},
	)
}
