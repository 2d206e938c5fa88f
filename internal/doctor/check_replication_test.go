package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

func TestReplication(t *testing.T) {
	t.Parallel()
	table(t, "replication", sound,
		row{
			name: "asynchronous",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousStandbyNames = ""
			},
			want: Warning, subject: "a:5432", says: "waits for no standby",
		},
		row{
			name: "alone",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
				f.Postgres.Hosts[0].SynchronousStandbyNames, f.Postgres.Hosts[0].Followers = "", nil
			},
			want: Note, subject: "a:5432", says: "no standby follows",
		},
		row{
			name: "alone with a standby that no URL names",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
				f.Postgres.Hosts[0].SynchronousStandbyNames = ""
			},
			want: Warning, subject: "a:5432", says: "waits for no standby",
		},
		row{
			name: "any 1 of two",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "ANY 1 (b, c)"
			},
			want: Warning, subject: "c:5432", says: "satisfied without it",
		},
		row{
			name: "any 1 of two, also the first",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "ANY 1 (b, c)"
			},
			want: Warning, subject: "b:5432", says: "satisfied without it",
		},
		row{
			name: "first 1 of two",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "FIRST 1 (b, c)"
			},
			want: Warning, subject: "c:5432", says: "satisfied without it",
		},
		row{
			name: "first 1 of two, the first",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "FIRST 1 (b, c)"
			},
			want: Warning, subject: "b:5432", says: "while it is connected",
		},
		row{
			name: "a list is first 1",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "b, c"
			},
			want: Warning, subject: "c:5432", says: "satisfied without it",
		},
		row{
			name: "all of two",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "FIRST 2 (b, c)"
			},
			want: OK, subject: "a:5432", says: "b:5432 and c:5432",
		},
		row{
			name: "any 2 of two",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "ANY 2 (c, B)"
			},
			want: OK, subject: "a:5432", says: "b:5432 and c:5432",
		},
		row{
			name: "one of two is not listed",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "FIRST 1 (b)"
			},
			want: Warning, subject: "c:5432", says: "does not list \"c\"",
		},
		row{
			name: "one that no URL names",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "async"))
			},
			want: Warning, subject: "c at 10.0.0.3", says: "does not list",
		},
		row{
			name: "everybody",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousStandbyNames = "*"
			},
			want: OK, subject: "a:5432", says: "every acknowledgement is on b:5432",
		},
		row{
			name: "everybody, and an archive",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.SynchronousStandbyNames = "*"
				h.Followers = append(h.Followers, facts.Follower{Shown: true, Name: "pg_receivewal", State: "streaming", SyncState: "potential"})
			},
			want: Warning, subject: "b:5432", says: "satisfied without it",
		},
		row{
			name: "one name for two",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, follower("c", "10.0.0.3", "potential"))
				h.SynchronousStandbyNames = "FIRST 1 (walreceiver)"
				for i := range h.Followers {
					h.Followers[i].Name, f.Postgres.Hosts[i+1].Receiver.Name = "walreceiver", "walreceiver"
				}
			},
			want: Warning, subject: "c:5432", says: "satisfied without it",
		},
		row{
			name: "nobody there",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers = nil
			},
			want: Problem, subject: "a:5432", says: "1 of them are not there",
		},
		row{
			name: "one that catches up",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers[0].State = "catchup"
			},
			want: Problem, subject: "a:5432", says: "bookings wait",
		},
		row{
			name: "follows another",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = append(f.Postgres.Hosts, soundStandby("c", "10.0.0.3"))
			},
			want: Warning, subject: "c:5432", says: "it follows 10.0.0.1:5432 and is streaming",
		},
		row{
			name: "follows nobody",
			fault: func(f *facts.Facts) {
				c := soundStandby("c", "10.0.0.3")
				c.Receiver = nil
				f.Postgres.Hosts = append(f.Postgres.Hosts, c)
			},
			want: Warning, subject: "c:5432", says: "it gets nothing from anybody",
		},
		row{
			name: "not shown",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Followers[0] = facts.Follower{Name: "b"}
			},
			want: Warning, subject: "a:5432", says: "cannot be told",
		},
		row{
			name: "logical",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Followers = append(h.Followers, facts.Follower{Shown: true, Name: "reports", State: "streaming", Replays: true, Logical: true})
			},
			want: OK,
		},
		row{
			name: "an archive alone",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
				f.Postgres.Hosts[0].Followers[0].Replays = false
			},
			want: Note, subject: "a:5432", says: "no standby that could be promoted",
		},
		row{
			name: "not to be read",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousStandbyNames = "ANY (b"
			},
			want: Warning, subject: "a:5432", says: "cannot be judged",
		},
		row{
			name: "nothing in charge",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].State = failover.Standby
			},
		},
	)
}
