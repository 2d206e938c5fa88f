package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	table(t, "probe", sound,
		row{
			name: "off",
			fault: func(f *facts.Facts) {
				f.Settings.Probe = false
			},
			want: Note, says: "--probe-interval=0",
		},
	)
}
