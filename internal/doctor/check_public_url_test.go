package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestPublicURL(t *testing.T) {
	t.Parallel()
	table(t, "public_url", sound,
		row{
			name: "for others",
			fault: func(f *facts.Facts) {
				f.Settings.PublicURL, f.Settings.Listen = "", "0.0.0.0:8080"
			},
			want: Note, says: "--public-url",
		},
		row{
			name: "behind a proxy",
			fault: func(f *facts.Facts) {
				f.Settings.PublicURL = ""
				f.Settings.TrustedProxies = []string{"10.0.0.0/8"}
			},
			want: Note, says: "--public-url",
		},
		row{
			name: "for this machine",
			fault: func(f *facts.Facts) {
				f.Settings.PublicURL = ""
			},
		},
	)
}
