package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestAdminKey(t *testing.T) {
	t.Parallel()
	table(t, "admin_key", sound,
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Settings.AdminKey, *f.HasKey = false, false
			},
			want: Warning, says: "no management key",
		},
		row{
			name: "given",
			fault: func(f *facts.Facts) {
				f.Settings.AdminKey, *f.HasKey = true, false
			},
			want: OK,
		},
		row{
			name: "not to be seen",
			fault: func(f *facts.Facts) {
				f.HasKey = nil
			},
			want: Note, says: "not to be seen",
		},
	)
}
