package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestDescriptors(t *testing.T) {
	t.Parallel()
	table(t, "descriptors", sound,
		row{
			name: "few",
			fault: func(f *facts.Facts) {
				f.Machine = facts.Machine{Connections: 900, DescriptorLimit: 1024}
			},
			want: Warning, says: "1024",
		},
		row{
			name: "not known",
			fault: func(f *facts.Facts) {
				f.Machine = facts.Machine{}
			},
		},
	)
}
