package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestDurability(t *testing.T) {
	t.Parallel()
	table(t, "durability", sound,
		row{
			name: "fsync",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Fsync = "off"
			},
			want: Problem, subject: "a:5432", says: "fsync = off",
		},
		row{
			name: "full_page_writes of a standby",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[1].FullPageWrites = "off"
			},
			want: Problem, subject: "b:5432", says: "full_page_writes = off",
		},
		row{
			name: "synchronous_commit off",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousCommit = "off"
			},
			want: Problem, subject: "a:5432", says: "synchronous_commit = off",
		},
		row{
			name: "local",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousCommit = "local"
			},
			want: Problem, subject: "a:5432", says: "could be gone after a failover",
		},
		row{
			name: "remote_write",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousCommit = "remote_write"
			},
			want: Problem, subject: "a:5432", says: "remote_write",
		},
		row{
			name: "remote_apply",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].SynchronousCommit = "remote_apply"
			},
			want: OK,
		},
		row{
			name: "local without standbys",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.SynchronousCommit, h.SynchronousStandbyNames = "local", ""
			},
			want: Note, subject: "a:5432", says: "as soon as",
		},
		row{
			name: "local alone",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.SynchronousCommit, h.SynchronousStandbyNames = "local", ""
				f.Postgres.Hosts = f.Postgres.Hosts[:1]
			},
			want: OK,
		},
		row{
			name: "not shown",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Fsync, h.FullPageWrites, h.SynchronousCommit = "", "", ""
			},
			want: Note, subject: "a:5432", says: "does not show",
		},
		row{
			name: "away",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts = []facts.Host{{}}
			},
		},
	)
}
