package doctor

import (
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
)

func TestCertificate(t *testing.T) {
	t.Parallel()
	table(t, "certificate", sound,
		row{
			name: "unusable",
			fault: func(f *facts.Facts) {
				f.Certificate.Fault = "no such file"
			},
			want: Problem, subject: "chain.pem", says: "no such file",
		},
		row{
			name: "ended",
			fault: func(f *facts.Facts) {
				f.Certificate.NotAfter = now.Add(-time.Hour)
			},
			want: Problem, subject: "chain.pem", says: "has ended",
		},
		row{
			name: "ends soon",
			fault: func(f *facts.Facts) {
				f.Certificate.NotAfter = now.Add(3 * 24 * time.Hour)
			},
			want: Warning, subject: "chain.pem", says: "ends on",
		},
		row{
			name: "of another host",
			fault: func(f *facts.Facts) {
				f.Certificate.Covers = false
			},
			want: Problem, subject: "chain.pem", says: "not for the host",
		},
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Certificate = nil
			},
		},
	)
}
