package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestSlots(t *testing.T) {
	t.Parallel()
	table(t, "slots", sound,
		row{
			name: "small",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Slots = []facts.Slot{{Name: "old", Retained: 20 << 20}}
			},
			want: Note, subject: "a:5432", says: "20 MB",
		},
		row{
			name: "large",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Slots = []facts.Slot{{Name: "old", Retained: 2 << 30}}
			},
			want: Warning, subject: "a:5432", says: "2048 MB",
		},
	)
}
