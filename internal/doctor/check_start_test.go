package doctor

import (
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestStartDecision(t *testing.T) {
	t.Parallel()
	table(t, "start", sound,
		row{
			name: "promoted",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0] = facts.Host{Observation: failover.Observation{Host: "a:5432", Reason: "it does not answer"}}
				h := &f.Postgres.Hosts[1]
				h.State, h.Place.Timeline = failover.Writable, "00000002"
			},
			want: Note, subject: "b:5432", says: "no server has gone there yet",
		},
		row{
			name: "new",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
				f.Postgres.StateFile.Memory = failover.Memory{}
				f.Postgres.Hosts[0].Identity = failover.Identity{}
			},
			want: Note, subject: "a:5432", says: "the database is new",
		},
		row{
			name: "all away",
			fault: func(f *facts.Facts) {
				for i := range f.Postgres.Hosts {
					f.Postgres.Hosts[i].Observation = failover.Observation{Host: f.Postgres.Hosts[i].Host}
				}
			},
		},
		row{
			name: "closed",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
				f.Postgres.Hosts[0].Identity.ClosedBy = "bookings go on at b"
			},
			want: Problem, subject: "a:5432", says: "bookings go on at b",
		},
		row{
			name: "nothing remembered and a host away",
			fault: func(f *facts.Facts) {
				f.Postgres.StateFile.Memory = failover.Memory{}
				f.Postgres.Hosts[1].Observation = failover.Observation{Host: "b:5432"}
			},
			want: Problem, says: "cannot see b:5432",
		},
		row{
			name: "lost what the file remembers",
			fault: func(f *facts.Facts) {
				f.Postgres.StateFile.Memory.Beats = beats(20)
				f.Postgres.Hosts[1].Beats = beats(9)
			},
			want: Problem, subject: "a:5432", says: "lacks the last",
		},
		row{
			name: "standbys only",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].State = failover.Standby
			},
			want: Problem, says: "none can be written to",
		},
		row{
			name: "an old primary that is open",
			fault: func(f *facts.Facts) {
				old := soundHost("c", "10.0.0.3")
				old.State, old.Identity = failover.Writable, identity("one")
				f.Postgres.Hosts = append(f.Postgres.Hosts, old)
				for i := range 2 {
					f.Postgres.Hosts[i].Identity = identity("one", "two")
				}
				f.Postgres.StateFile.Memory.Identity = identity("one", "two")
			},
			want: Problem, subject: "c:5432", says: "was left",
		},
		row{
			name: "a copy",
			fault: func(f *facts.Facts) {
				copied := soundPrimary()
				copied.Host, copied.Started = "c:5432", now.Add(-time.Minute)
				f.Postgres.Hosts = append(f.Postgres.Hosts, copied)
			},
			want: Problem,
		},
		row{
			name: "settings that no server takes",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Unfit = "its server has fsync = off"
			},
			want: Problem,
		},
	)
}
