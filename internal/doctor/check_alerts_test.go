package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestAlerts(t *testing.T) {
	t.Parallel()
	table(t, "alerts", sound,
		row{
			name: "nobody",
			fault: func(f *facts.Facts) {
				f.Settings.AlertCommand, f.Settings.AdminListen = false, ""
			},
			want: Warning, says: "nobody is told",
		},
		row{
			name: "metrics",
			fault: func(f *facts.Facts) {
				f.Settings.AlertCommand = false
			},
			want: Note, says: "metrics",
		},
		row{
			name: "traces",
			fault: func(f *facts.Facts) {
				f.Settings.AlertCommand, f.Settings.AdminListen, f.Settings.OTLP = false, "", true
			},
			want: Note, says: "metrics",
		},
		row{
			name: "a webhook",
			fault: func(f *facts.Facts) {
				f.Settings.AlertCommand, f.Settings.AlertWebhook = false, true
			},
			want: OK,
		},
	)
}
