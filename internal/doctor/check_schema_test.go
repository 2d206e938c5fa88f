package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	table(t, "schema", sound,
		row{
			name: "older",
			fault: func(f *facts.Facts) {
				f.Schema.Version = 7
			},
			want: Note, says: "brings it to 8",
		},
		row{
			name: "newer",
			fault: func(f *facts.Facts) {
				f.Schema.Version = 9
			},
			want: Note, says: "newer program",
		},
		row{
			name: "not to be used",
			fault: func(f *facts.Facts) {
				f.Schema.Fault = "it lacks table x"
			},
			want: Problem, says: "it lacks table x",
		},
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Schema = nil
			},
		},
	)
}
