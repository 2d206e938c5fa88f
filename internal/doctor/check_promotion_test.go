package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestPromotion(t *testing.T) {
	t.Parallel()
	table(t, "promotion", sound,
		row{
			name: "none though required",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].SynchronousStandbyNames = ""
			},
			want: Warning, subject: "b:5432", says: "nothing is booked until",
		},
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Settings.RequireStandby, f.Postgres.Hosts[1].SynchronousStandbyNames = false, ""
			},
			want: Note, subject: "b:5432", says: "waits for no standby",
		},
		row{
			name: "as asynchronous as before",
			fault: func(f *facts.Facts) {
				f.Settings.RequireStandby = false
				for i := range f.Postgres.Hosts {
					f.Postgres.Hosts[i].SynchronousStandbyNames = ""
				}
			},
		},
		row{
			name: "itself",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].SynchronousStandbyNames = "FIRST 1 (b)"
			},
			want: Warning, subject: "b:5432", says: "beside itself",
		},
		row{
			name: "itself and another",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].SynchronousStandbyNames = "FIRST 2 (b, c)"
			},
			want: Warning, subject: "b:5432", says: "beside itself",
		},
		row{
			name: "itself or another",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].SynchronousStandbyNames = "ANY 1 (a, b)"
			},
		},
		row{
			name: "anybody",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].SynchronousStandbyNames = "*"
			},
		},
	)
}
