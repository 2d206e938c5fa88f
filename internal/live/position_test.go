package live_test

import (
	"testing"

	"vacancy/internal/live"
)

// Whatever a reader sends as its position, it ends up with what there is.
func FuzzPosition(f *testing.F) {
	for _, seed := range []string{"", "e1.1.0", "e1.1.fnnqs0", "e1.zzz.0", "e2.1.0", "e1.-1.0", "e1.1.zzzzzzzzzzz", ".", "e1.1.0.0", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, position string) {
		inScene(t, func(t *testing.T, s scene) {
			first := s.come(trips(2, 2, 1), "")
			first.gets(live.EventSnapshot)
			s.book(first.query, at(2, 10, 0), 1)
			first.pull()
			again := s.come(first.query, position)
			again.Reader = first.Reader
			events := again.pull()
			if len(events) == 0 || events[len(events)-1] == live.EventDelta {
				return // it claims to have seen what is there
			}
			again.agrees()
		})
	})
}
