package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestUntrustedPeers(t *testing.T) {
	t.Parallel()
	table(t, "untrusted_peers", sound,
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Server = nil
			},
		},
		row{
			name: "one",
			fault: func(f *facts.Facts) {
				f.Server.UntrustedPeers = 1
			},
			want: Warning, subject: serverURL, says: "from 1 address of",
		},
		row{
			name: "two",
			fault: func(f *facts.Facts) {
				f.Server.UntrustedPeers = 2
			},
			want: Warning, subject: serverURL, says: "from 2 addresses of",
		},
	)
}
