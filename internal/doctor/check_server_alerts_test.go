package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestServerAlerts(t *testing.T) {
	t.Parallel()
	table(t, "server_alerts", sound,
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Server = nil
			},
		},
		row{
			name: "critical",
			fault: func(f *facts.Facts) {
				f.Server.Alerts = []facts.Alert{{Key: "probe_failing", Critical: true}}
			},
			want: Problem, subject: serverURL, says: "probe_failing",
		},
		row{
			name: "a warning",
			fault: func(f *facts.Facts) {
				f.Server.Alerts = []facts.Alert{{Key: "dominant_client"}}
			},
			want: Warning, subject: serverURL, says: "dominant_client",
		},
	)
}
