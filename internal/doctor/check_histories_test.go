package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestHistories(t *testing.T) {
	t.Parallel()
	table(t, "histories", sound,
		row{
			name: "two installations",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Identity.Installation = "staging"
			},
			want: Problem, subject: "b:5432", says: "another installation than a:5432",
		},
		row{
			name: "forked",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Identity = identity("one", "two")
				f.Postgres.Hosts[1].Identity = identity("one", "other")
			},
			want: Problem, subject: "b:5432", says: "on two histories",
		},
		row{
			name: "decided since",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Identity = identity("one", "two")
				f.Postgres.Hosts[1].Identity = identity("one", "other", "third")
				f.Postgres.Hosts[1].Identity.Decided = 3
			},
			want: OK, says: "one history",
		},
		row{
			name: "left behind",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Identity = identity("one", "two")
			},
			want: OK, says: "one history",
		},
		row{
			name: "one known",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Identity = failover.Identity{}
			},
		},
		row{
			name: "one host",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
			},
		},
	)
}
