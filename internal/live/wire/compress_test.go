package wire_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// Events that were compressed by themselves make one stream, in whatever order and however often: each can be read as soon as it is
// there, and no later.
func TestCompressedStream(t *testing.T) {
	t.Parallel()
	inNode(t, func(t *testing.T, _ *livetest.Store, n *livetest.Node) {
		snapshot, err := n.Hub.Snapshot(t.Context(), live.Query{
			Venue: "ferry", Service: "trip", From: day(1), To: day(31), Party: 1,
		}, booking.Position{})
		if err != nil {
			t.Fatal(err)
		}
		frames := []*live.Frame{
			snapshot, live.Goodbye(time.Second), {Event: live.EventReset, Reason: live.EpochChanged}, snapshot, live.Goodbye(time.Second),
		}
		out, in := io.Pipe()
		go func() {
			_, _ = in.Write(wire.CompressedBeginning([]byte(": ok\n\n")))
		}()
		zipped, err := gzip.NewReader(bufio.NewReaderSize(out, 16))
		if err != nil {
			t.Fatal(err)
		}
		read := func(want []byte) {
			t.Helper()
			got := make([]byte, len(want))
			if _, err := io.ReadFull(zipped, got); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%q, %v, and not %q", got, err, want)
			}
		}
		read([]byte(": ok\n\n"))
		for _, f := range frames {
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = in.Write(wire.CompressedEvent(f))
			}()
			read(wire.EventStream(f))
			<-done
		}
		go func() { _, _ = in.Write(wire.CompressText([]byte(": ping\n\n"))) }()
		read([]byte(": ping\n\n"))
		if plain, zipped := len(wire.EventStream(snapshot)), len(wire.CompressedEvent(snapshot)); zipped*10 > plain {
			t.Errorf("%d bytes become %d", plain, zipped)
		}
		if one, again := wire.CompressedEvent(snapshot), wire.CompressedEvent(snapshot); &one[0] != &again[0] {
			t.Error("a frame is compressed twice")
		}
		_ = in.Close()
	})
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"gzip": true, "br, GZip;q=0.5, deflate": true, "gzip; q=1.0": true, "gzip;q=0.001": true,

		"x-gzip": true, "*": true, "*;q=0": false, "gzip;q=0, *": false, "": false, "br": false, "gzip;q=0": false,
		"deflate, gzip; q=0.000": false, "xgzip": false, "identity": false,
	} {
		if got := wire.AcceptsGzip(http.Header{"Accept-Encoding": {text}}["Accept-Encoding"]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if wire.AcceptsGzip(nil) || !wire.AcceptsGzip([]string{"br", "gzip"}) {
		t.Error("several lines, or none, are misread")
	}
}
