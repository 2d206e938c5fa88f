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
		row{
			name: "paused",
			fault: func(f *facts.Facts) {
				f.OutboxPause = &facts.OutboxPause{By: "ann", Reason: "it is a copy"}
			},
			want: Warning, says: "paused by ann: it is a copy",
		},
		row{
			name: "a webhook that is paused",
			fault: func(f *facts.Facts) {
				f.Settings.AlertCommand, f.Settings.AlertWebhook = false, true
				f.OutboxPause = new(facts.OutboxPause)
			},
			want: Warning, says: "told to nobody",
		},
		row{
			name: "paused, and nobody would be told by a server",
			fault: func(f *facts.Facts) {
				f.Settings.AlertCommand = false
				f.OutboxPause = new(facts.OutboxPause)
			},
			want: Note, says: "metrics",
		},
	)
}
