package bench

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"vacancy/client"
)

// Readers that share pictures have what they would have if each kept its own, whatever frames each of them gets.
func TestSharedPicturesAreTheReadersOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shared := newFrames()
		pictures, own := make([]*client.State, 3), make([]client.State, 3)
		for range rapid.IntRange(1, 50).Draw(t, "frames") {
			kind, data := drawFrame(t)
			for i := range pictures {
				if pictures[i] != nil && rapid.IntRange(0, 3).Draw(t, "missed") == 0 {
					continue
				}
				f, err := shared.decode(kind, data)
				if err != nil {
					t.Fatal(err)
				}
				pictures[i] = f.after(pictures[i])
				alone, err := newFrame(kind, data)
				if err != nil {
					t.Fatal(err)
				}
				own[i] = *alone.after(&own[i])
				if !pictures[i].Matches(own[i].Availability()) || pictures[i].Position() != own[i].Position() {
					t.Fatalf("reader %d has %+v, not %+v", i, pictures[i].Availability(), own[i].Availability())
				}
			}
		}
	})
}

// drawFrame makes a snapshot or a delta of one day with a few slots.
func drawFrame(t *rapid.T) (client.EventKind, []byte) {
	slot := fmt.Sprintf(`{"start":"2026-11-24T%02d:00:00Z","remaining":%d,"status":%q}`, rapid.IntRange(9, 12).Draw(t, "hour"),
		rapid.IntRange(0, 3).Draw(t, "remaining"), rapid.SampledFrom([]string{"available", "closed"}).Draw(t, "status"))
	if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
		return client.Snapshot, []byte(`{"position":"s","days":[{"date":"2026-11-24","slots":[]}]}`)
	}
	return client.Changed, fmt.Appendf(nil, `{"position":"p%d","slots":[%s]}`, rapid.IntRange(0, 5).Draw(t, "position"), slot)
}

func TestFramesThatAreNone(t *testing.T) {
	t.Parallel()
	shared := newFrames()
	for _, kind := range []client.EventKind{client.Reset, client.Stale, client.Fresh, "novelty"} {
		if f, err := shared.decode(kind, []byte("{}")); f != nil || err != nil {
			t.Errorf("%s: %v, %v", kind, f, err)
		}
	}
	for _, kind := range []client.EventKind{client.Snapshot, client.Changed} {
		if _, err := shared.decode(kind, []byte(`{"days":7}`)); err == nil {
			t.Errorf("a %s of nonsense is read", kind)
		}
	}
	for i := range recentFrames + 10 {
		if _, err := shared.decode(client.Changed, fmt.Appendf(nil, `{"position":"%d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(shared.recent); n > recentFrames {
		t.Errorf("%d frames are kept", n)
	}
}
