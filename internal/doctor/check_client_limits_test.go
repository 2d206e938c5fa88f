package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestClientLimits(t *testing.T) {
	t.Parallel()
	table(t, "limits", sound,
		row{
			name: "off",
			fault: func(f *facts.Facts) {
				f.Settings.Limits = false
			},
			want: Warning, says: "--limits=off",
		},
	)
}
