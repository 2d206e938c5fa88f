package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestStateFile(t *testing.T) {
	t.Parallel()
	table(t, "state_file", sound,
		row{
			name: "missing",
			fault: func(f *facts.Facts) {
				f.Postgres.StateFile = facts.StateFile{Path: "state.json"}
			},
			want: Warning, subject: "state.json", says: "there is no such file",
		},
		row{
			name: "unreadable",
			fault: func(f *facts.Facts) {
				f.Postgres.StateFile.ReadFault = "permission denied"
			},
			want: Warning, subject: "state.json", says: "cannot be read",
		},
		row{
			name: "unwritable",
			fault: func(f *facts.Facts) {
				f.Postgres.StateFile.WriteFault = "permission denied"
			},
			want: Warning, subject: "state.json", says: "cannot be kept",
		},
		row{
			name: "none is wanted",
			fault: func(f *facts.Facts) {
				f.Postgres.StateFile = facts.StateFile{}
			},
		},
	)
}
