package client

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFrameReader(t *testing.T) {
	t.Parallel()
	const stream = ": ok\n\nevent: snapshot\nid: e.1.0\ndata: {\"a\":1}\n\n" +
		": ping\n\r\n" +
		"data:first\r\ndata: second\r\n\r\n" +
		"event: nothing\n\n" + // no data, no event
		"retry: 100\nid\nevent: reset\ndata: {}\n\n" +
		"event: delta\ndata: cut off"
	want := []Frame{
		{"snapshot", "e.1.0", []byte(`{"a":1}`)},
		{"message", "e.1.0", []byte("first\nsecond")},
		{"reset", "", []byte("{}")},
	}
	for name, reader := range map[string]io.Reader{
		"whole":         strings.NewReader(stream),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(stream)),
		"half by half":  iotest.HalfReader(strings.NewReader(stream)),
		"end with data": iotest.DataErrReader(strings.NewReader(stream)),
	} {
		r := smallReader(reader, 1000)
		for i, expected := range want {
			frame, err := r.Next()
			if err != nil || frame.Kind != expected.Kind || !bytes.Equal(frame.Data, expected.Data) || frame.ID != expected.ID {
				t.Errorf("%s: frame %d is %s %q %q, %v; want %s %q %q", name, i, frame.Kind, frame.Data, frame.ID, err,
					expected.Kind, expected.Data, expected.ID)
			}
		}
		if frame, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: half a frame at the end is %v, %v", name, frame, err)
		}
	}
}

func TestFrameReaderLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	frame, err := smallReader(strings.NewReader("data: "+long+"\n\n"), 200_000).Next()
	if err != nil || string(frame.Data) != long {
		t.Errorf("a long line: %d bytes, %v", len(frame.Data), err)
	}
	endless := io.MultiReader(strings.NewReader("data: "), repeated("x"))
	if _, err := smallReader(endless, 10_000).Next(); !errors.Is(err, errFrameTooLarge) {
		t.Errorf("a line without an end: %v", err)
	}
	if _, err := smallReader(repeated("data: x\n"), 10_000).Next(); !errors.Is(err, errFrameTooLarge) {
		t.Errorf("a frame without an end: %v", err)
	}
}

// repeated is the same text again and again.
type repeated string

func (r repeated) Read(p []byte) (int, error) {
	n := 0
	for n+len(r) <= len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}

// smallReader reads frames of a limited size.
func smallReader(r io.Reader, most int) *FrameReader {
	reader := NewFrameReader(r)
	reader.most = most
	return reader
}
