package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	table(t, "trusted_proxies", sound,
		row{
			name: "everybody",
			fault: func(f *facts.Facts) {
				f.Settings.TrustedProxies = []string{"127.0.0.0/8", "0.0.0.0/0"}
			},
			want: Problem, subject: "0.0.0.0/0", says: "forge",
		},
		row{
			name: "everybody of IPv6",
			fault: func(f *facts.Facts) {
				f.Settings.TrustedProxies = []string{"::/0"}
			},
			want: Problem, subject: "::/0", says: "forge",
		},
		row{
			name: "a network",
			fault: func(f *facts.Facts) {
				f.Settings.TrustedProxies = []string{"10.0.0.0/8", "2001:db8::/32"}
			},
		},
	)
}
