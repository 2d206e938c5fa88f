package doctor

import (
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
)

func TestClocks(t *testing.T) {
	t.Parallel()
	table(t, "clock", sound,
		row{
			name: "ahead",
			fault: func(f *facts.Facts) {
				for i := range f.Postgres.Hosts {
					f.Postgres.Hosts[i].Skew = 10 * time.Second
				}
			},
			want: Warning, subject: "a:5432", says: "10s ahead of this machine's",
		},
		row{
			name: "the standby behind",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Skew = -3 * time.Second
			},
			want: Warning, subject: "b:5432", says: "3s behind that of a:5432",
		},
		row{
			name: "not to be measured so exactly",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Skew, f.Postgres.Hosts[0].SkewError = 3*time.Second, 2*time.Second
			},
			want: OK, says: "agree",
		},
		row{
			name: "nobody answers",
			fault: func(f *facts.Facts) {
				for i := range f.Postgres.Hosts {
					f.Postgres.Hosts[i].State = 0
				}
			},
		},
	)
}
