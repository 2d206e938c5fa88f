package ws_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"vacancy/internal/live/ws"
)

const (
	messageTooLarge = 1009
	protocolError   = 1002
)

// frame is a masked text frame that says it has that many bytes in an extended length of 64 bits, and has those of the payload.
func frame(length uint64, payload string) []byte {
	b := binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, length)
	return append(append(b, 0, 0, 0, 0), payload...)
}

// Frames that nobody may send end their connection with the code for it, and panic nowhere. gws takes a length of 2^63 or more for a
// negative one.
func TestFramesThatNobodyMaySend(t *testing.T) {
	t.Parallel()
	ping := string(frame(uint64(len(`{"type":"ping"}`)), `{"type":"ping"}`))
	for _, c := range []struct {
		name string
		sent string
		code uint16
	}{
		{"negative", string(frame(1<<63, "abcd")), messageTooLarge},
		{"negative, the rest zero but for a small one", string(frame(1<<63|4, "abcd")), messageTooLarge},
		{"minus one", string(frame(1<<64-1, "abcd")), messageTooLarge},
		{"the largest", string(frame(1<<63-1, "abcd")), messageTooLarge},
		{"negative after a good frame", ping + string(frame(1<<63|1<<40, "")), messageTooLarge},
		{"negative in a continuation", "\x01\x81\x00\x00\x00\x00a\x80" + string(frame(1<<63, "")[1:]), messageTooLarge},
		{"negative ping", "\x89" + string(frame(1<<63, "")[1:]), messageTooLarge},
		{"unmasked", "\x81\x02{}", protocolError},
		{"a reserved bit", "\xc1\x82\x00\x00\x00\x00{}", protocolError},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, now)
			reader := s.dial(t, "")
			if _, err := io.WriteString(reader.socket.NetConn(), c.sent); err != nil {
				t.Fatal(err)
			}
			reader.ends(c.code)
			if n := s.Panics.Load(); n != 0 {
				t.Errorf("%d panics", n)
			}
		})
	}
}

// What may be sent passes unchanged, however the network cuts it into pieces; of a length that cannot be, the one byte changes that says
// so.
func TestFrameLengths(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var sent, want []byte
		for range rapid.IntRange(1, 8).Draw(t, "frames") {
			payload := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload")
			mask := rapid.SampledFrom([]byte{0, 0x80}).Draw(t, "mask")
			header := []byte{rapid.Byte().Draw(t, "opcode")}
			forms := []string{"16", "64"}
			if len(payload) < 126 {
				forms = append(forms, "7")
			}
			switch rapid.SampledFrom(forms).Draw(t, "form") {
			case "7":
				header = append(header, mask|byte(len(payload)))
			case "16":
				header = binary.BigEndian.AppendUint16(append(header, mask|126), uint16(len(payload)))
			case "64":
				header = binary.BigEndian.AppendUint64(append(header, mask|127), uint64(len(payload)))
			}
			if mask != 0 {
				header = append(header, rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "key")...)
			}
			sent = append(append(sent, header...), payload...)
		}
		want = bytes.Clone(sent)
		if rapid.Bool().Draw(t, "last has a length that cannot be") {
			last := frame(rapid.Uint64Min(1<<63).Draw(t, "length"), "payload")
			sent, want = append(sent, last...), append(want, last...)
			want[len(want)-len(last)+2] = last[2]&0x7f | 0x40
		}
		var in io.Reader = bytes.NewReader(sent)
		switch rapid.IntRange(0, 2).Draw(t, "pieces") {
		case 0:
			in = iotest.OneByteReader(in)
		case 1:
			in = iotest.HalfReader(in)
		}
		got, err := io.ReadAll(ws.FrameLengths(in))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v; got %x, want %x", err, got, want)
		}
	})
}
