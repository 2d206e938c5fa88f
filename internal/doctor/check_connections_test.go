package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestDatabaseConnections(t *testing.T) {
	t.Parallel()
	table(t, "connections", sound,
		row{
			name: "too few",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].MaxConnections = 18
			},
			want: Warning, subject: "a:5432", says: "up to 19 connections",
		},
		row{
			name: "too few on the standby",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].MaxConnections = 10
			},
			want: Warning, subject: "b:5432", says: "it has 10",
		},
		row{
			name: "too many servers",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				for range 5 {
					h.Nodes = append(h.Nodes, h.Nodes[0])
				}
			},
			want: Warning, subject: "a:5432", says: "6 servers",
		},
		row{
			name: "not shown",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].MaxConnections = 0
			},
		},
	)
}
