package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestUnnamedStandbys(t *testing.T) {
	t.Parallel()
	table(t, "unnamed_standbys", sound,
		row{
			name: "one more",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "async"))
			},
			want: Warning, subject: "c at 10.0.0.3", says: "does not list it",
		},
		row{
			name: "only one host in the URL",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
			},
			want: Warning, subject: "b at 10.0.0.2", says: "does not list it",
		},
		row{
			name: "an archive",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, facts.Follower{Shown: true, Name: "pg_receivewal", State: "streaming"})
			},
		},
		row{
			name: "listed and not seen from here",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1] = facts.Host{Observation: failover.Observation{Host: "b:5432"}, Addresses: []string{"10.0.0.2"}}
			},
		},
		row{
			name: "another address to the primary",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers[0].Address = "172.18.0.1"
			},
		},
		row{
			name: "by a socket",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers[0].Address = ""
			},
		},
		row{
			name: "another of the same name, while the one that is listed follows another host",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers[0].Address = "10.0.0.9"
				f.Postgres.Hosts[1].Receiver.SenderHost = "10.0.0.3"
			},
			want: Warning, subject: "b at 10.0.0.9", says: "does not list it",
		},
		row{
			name: "two of the same name, at other addresses",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Followers = []facts.Follower{follower("b", "172.18.0.1", "sync"), follower("b", "172.18.0.2", "async")}
			},
			want: Warning, subject: "b at 172.18.0.1", says: "does not list it",
		},
		row{
			name: "without a name",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].Receiver.Name = ""
			},
		},
		row{
			name: "not shown",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers[0] = facts.Follower{Name: "b"}
			},
			want: Note, subject: "a:5432", says: "cannot be told",
		},
		row{
			name: "one address for two",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.2"))
				h := &f.Postgres.Hosts[0]
				h.Followers = []facts.Follower{follower("c", "10.0.0.2", "async"), follower("b", "10.0.0.2", "sync")}
			},
		},
	)
}
