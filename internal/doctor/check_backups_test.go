package doctor

import (
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestBackups(t *testing.T) {
	t.Parallel()
	table(t, "backups", sound,
		row{
			name: "lags",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				f.Postgres.Hosts[1].Beats = map[string]failover.Beat{"node": {Count: 3, Seen: now.Add(-time.Minute)}}
			},
			want: Warning, subject: "b:5432", says: "behind",
		},
		row{
			name: "the only one lags",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Beats = map[string]failover.Beat{"node": {Count: 3, Seen: now.Add(-time.Minute)}}
			},
			want: Problem, says: "no listed host could take over",
		},
		row{
			name: "another cluster",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				f.Postgres.Hosts[1].Place.System = "8"
			},
			want: Warning, subject: "b:5432", says: "another cluster",
		},
		row{
			name: "a lag is not seen more exactly than by a heartbeat",
			fault: func(f *facts.Facts) {
				f.Postgres.HeartbeatInterval = 8 * time.Second
			},
			want: OK, subject: "b:5432", says: "at most 8s behind",
		},
		row{
			name: "another fit one",
			fault: func(f *facts.Facts) {
				c := soundStandby("c", "10.0.0.3")
				c.Identity = identity("one", "two")
				f.Postgres.Hosts = append(f.Postgres.Hosts, c)
			},
			want: Warning, subject: "c:5432", says: "it is at",
		},
		row{
			name: "unreachable",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Observation = failover.Observation{Host: "b:5432"}
			},
			want: Problem, says: "no listed host could take over",
		},
		row{
			name: "settings that no server takes",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Unfit = "fsync = off"
			},
			want: Problem, says: "no listed host could take over",
		},
		row{
			name: "one host",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
			},
		},
	)
}
