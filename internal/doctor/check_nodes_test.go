package doctor

import (
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
)

func TestNodes(t *testing.T) {
	t.Parallel()
	table(t, "nodes", sound,
		row{
			name: "none",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Nodes[0].Seen = now.Add(-time.Minute)
			},
			want: Note, subject: "a:5432", says: "no server uses",
		},
		row{
			name: "as long as servers count each other as running",
			fault: func(f *facts.Facts) {
				f.Postgres.LiveFor = time.Second
			},
			want: Note, subject: "a:5432", says: "within 1s",
		},
		row{
			name: "two levels",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Nodes = append(h.Nodes, facts.Node{ID: "new", Level: 2, Seen: now})
			},
			want: Note, subject: "a:5432", says: "levels 1, 2",
		},
		row{
			name: "newer than this program",
			fault: func(f *facts.Facts) {
				f.Postgres.Hosts[0].Nodes[0].Level = 2
			},
			want: Note, subject: "a:5432", says: "know more",
		},
		row{
			name: "one that crashed is not counted",
			fault: func(f *facts.Facts) {
				h := &f.Postgres.Hosts[0]
				h.Nodes = append(h.Nodes, facts.Node{ID: "new", Level: 2, Seen: now.Add(-time.Hour)})
			},
			want: OK, subject: "a:5432", says: "1 server of level 1",
		},
	)
}
