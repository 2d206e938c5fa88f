package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestHostsAnswer(t *testing.T) {
	t.Parallel()
	table(t, "hosts", sound,
		row{
			name: "unreachable",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1] = facts.Host{Observation: failover.Observation{Host: "b:5432", Reason: "it did not answer in time"}}
			},
			want: Problem, subject: "b:5432", says: "it did not answer in time",
		},
		row{
			name: "password",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1] = facts.Host{Observation: failover.Observation{Host: "b:5432", State: failover.AuthRefused}}
			},
			want: Problem, subject: "b:5432", says: "no reason is known",
		},
		row{
			name: "too old",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1] = facts.Host{Observation: failover.Observation{
					Host: "b:5432", State: failover.Unfit, Reason: "its server is PostgreSQL 12.1",
				}}
			},
			want: Problem, subject: "b:5432", says: "12.1",
		},
		row{
			name: "another store",
			fault: func(f *facts.Facts) {
				f.Postgres = nil
			},
		},
	)
}
