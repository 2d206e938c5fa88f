package bench

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"sync"

	"vacancy/client"
)

// frames decodes each frame once for all readers that get the same bytes, which is nearly all of them, and applies it once for all
// that had the same picture before. A reader that did both for itself would cost as much as the server's work for it. What a
// reader has in the end is the outcome of its own frames all the same.
type frames struct {
	seed maphash.Seed
	mu   sync.RWMutex
	// recent are the last frames by the hash of their bytes. Frames are few; when there are many, the table begins anew.
	recent map[uint64]*frame
}

// frame is a decoded snapshot or delta.
type frame struct {
	data     string
	snapshot *client.State // or
	delta    *client.Delta

	mu sync.Mutex
	// pictures are what the delta made, by the picture before it.
	pictures map[*client.State]*client.State
}

// after is the picture after the frame.
func (f *frame) after(before *client.State) *client.State {
	if f.snapshot != nil {
		return f.snapshot
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	picture, known := f.pictures[before]
	if !known {
		picture = new(client.State)
		if before != nil {
			picture = before.Clone()
		}
		picture.Delta(*f.delta)
		f.pictures[before] = picture
	}
	return picture
}

func newFrames() *frames { return &frames{seed: maphash.MakeSeed(), recent: make(map[uint64]*frame)} }

// decode returns nil for frames that carry no slots.
func (f *frames) decode(kind client.EventKind, data []byte) (*frame, error) {
	if kind != client.Snapshot && kind != client.Changed {
		return nil, nil
	}
	key := maphash.Bytes(f.seed, data)
	f.mu.RLock()
	known := f.recent[key]
	f.mu.RUnlock()
	if known != nil && known.data == string(data) {
		return known, nil
	}
	decoded, err := newFrame(kind, data)
	if err != nil {
		return nil, fmt.Errorf("a %s frame is not what it should be: %w", kind, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.recent[key]; known != nil && known.data == decoded.data {
		return known, nil // another reader was quicker
	}
	if len(f.recent) >= recentFrames {
		clear(f.recent)
	}
	f.recent[key] = decoded
	return decoded, nil
}

func newFrame(kind client.EventKind, data []byte) (*frame, error) {
	f := &frame{data: string(data)}
	if kind == client.Changed {
		f.delta, f.pictures = new(client.Delta), make(map[*client.State]*client.State)
		return f, json.Unmarshal(data, f.delta)
	}
	var a client.Availability
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, err
	}
	f.snapshot = new(client.State)
	f.snapshot.Snapshot(a)
	return f, nil
}
