package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestAdminListen(t *testing.T) {
	t.Parallel()
	table(t, "admin_listen", sound,
		row{
			name: "everybody",
			fault: func(f *facts.Facts) {
				f.Settings.AdminListen = "0.0.0.0:9090"
			},
			want: Note, subject: "0.0.0.0:9090", says: "no key",
		},
		row{
			name: "any address",
			fault: func(f *facts.Facts) {
				f.Settings.AdminListen = ":9090"
			},
			want: Note, subject: ":9090", says: "no key",
		},
		row{
			name: "private",
			fault: func(f *facts.Facts) {
				f.Settings.AdminListen = "10.1.2.3:9090"
			},
		},
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Settings.AdminListen = ""
			},
		},
	)
}
