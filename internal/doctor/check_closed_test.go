package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestClosedDatabases(t *testing.T) {
	t.Parallel()
	table(t, "closed", sound,
		row{
			name: "the old primary",
			fault: func(f *facts.Facts) {
				old := soundHost("c", "10.0.0.3")
				old.State, old.Identity.ClosedBy = failover.Writable, "bookings go on at a"
				f.Postgres.Hosts = append(f.Postgres.Hosts, old)
				for i := range 2 {
					f.Postgres.Hosts[i].Identity = identity("one", "two")
				}
				f.Postgres.StateFile.Memory.Identity = identity("one", "two")
			},
			want: Warning, subject: "c:5432", says: "bookings go on at a",
		},
		row{
			name: "the only one",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
				f.Postgres.Hosts[0].Identity.ClosedBy = "somebody"
			},
		},
	)
}
