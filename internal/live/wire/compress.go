package wire

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"

	"vacancy/internal/live"
)

// A stream of events is compressed without a compressor for each reader. It begins with the ten bytes of gzip's header (RFC 1952); then
// every event is compressed by itself, as deflate blocks that end with a sync flush: an empty stored block, which aligns the next one
// to a byte and lets the reader decode all that came before (RFC 1951, 3.2.4). A frame's blocks refer to nothing before them, so that all
// readers share them, whatever each has read. The stream has no last block and no checksum: it ends with its connection.

// gzipHeader says: deflate follows, of no known time and system.
var gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

// compressors are flate writers that were used before. Each has half a megabyte of tables.
var compressors sync.Pool

// CompressedEvent is the frame as a server-sent event, as a part of a stream that began with [CompressedBeginning].
func CompressedEvent(f *live.Frame) []byte {
	e := encodingOf(f)
	e.compressingEvent.Do(func() { e.compressedEvent = CompressText(e.event) })
	return e.compressedEvent
}

// CompressedBeginning is the beginning of a compressed stream, with a text.
func CompressedBeginning(text []byte) []byte {
	return append(bytes.Clone(gzipHeader), CompressText(text)...)
}

// CompressText is a text as a part of a compressed stream.
func CompressText(text []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(text)/4 + 64)
	w, ok := compressors.Get().(*flate.Writer)
	if ok {
		w.Reset(&b)
	} else {
		var err error
		if w, err = flate.NewWriter(&b, compressionLevel); err != nil {
			panic(err) // the level is a constant that is one
		}
	}
	_, err := w.Write(text)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	compressors.Put(w)
	return b.Bytes()
}

// AcceptsGzip tells whether the caller takes gzip (RFC 9110, 12.5.3). A coding that is named counts before the asterisk.
func AcceptsGzip(lines []string) bool {
	anyCoding := false
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			coding, weight, _ := strings.Cut(part, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip") || strings.EqualFold(coding, "x-gzip"):
				return positiveWeight(weight)
			case coding == "*":
				anyCoding = positiveWeight(weight)
			}
		}
	}
	return anyCoding
}

// positiveWeight tells whether the parameter behind a coding does not say that it is not wanted. Without one, or one that cannot be read,
// it is not sure that it is wanted only in the latter case.
func positiveWeight(parameter string) bool {
	name, value, given := strings.Cut(parameter, "=")
	if !given {
		return strings.TrimSpace(parameter) == ""
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && weight > 0 && weight <= 1
}
