package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestRetention(t *testing.T) {
	t.Parallel()
	table(t, "retention", sound,
		row{
			name: "for ever",
			fault: func(f *facts.Facts) {
				f.Settings.ChangesRetention = 0
			},
			want: Note, says: "--changes-retention=0",
		},
	)
}
