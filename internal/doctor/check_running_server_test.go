package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestRunningServer(t *testing.T) {
	t.Parallel()
	table(t, "running_server", sound,
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Server = nil
			},
		},
		row{
			name: "starting",
			fault: func(f *facts.Facts) {
				f.Server.Ready = false
			},
			want: Note, subject: serverURL, says: "starts",
		},
		row{
			name: "cannot write",
			fault: func(f *facts.Facts) {
				f.Server.Writable = false
			},
			want: Problem, subject: serverURL, says: "nothing is booked",
		},
		row{
			name: "left behind",
			fault: func(f *facts.Facts) {
				for i := range f.Postgres.Hosts {
					f.Postgres.Hosts[i].Identity = identity("one", "two")
				}
				f.Postgres.StateFile.Memory.Identity = identity("one", "two")
			},
			want: Problem, subject: serverURL, says: "is in term 1",
		},
		row{
			name: "a file",
			fault: func(f *facts.Facts) {
				f.Postgres, f.Server.Term = nil, 0
			},
			want: OK, subject: serverURL, says: "the server there books",
		},
	)
}
