package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestIdentityShown(t *testing.T) {
	t.Parallel()
	table(t, "identity", sound,
		row{
			name: "no timeline",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Place.Timeline = ""
			},
			want: Note, subject: "a:5432", says: "does not show",
		},
		row{
			name: "no system",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Place.System = ""
			},
			want: Note, subject: "a:5432", says: "does not show",
		},
		row{
			name: "a standby shows no timeline",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Place = failover.Place{}
			},
			want: OK,
		},
		row{
			name: "nothing in charge",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].State = failover.Standby
			},
		},
	)
}
