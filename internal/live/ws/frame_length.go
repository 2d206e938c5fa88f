package ws

import "io"

// frameLengths reads frames from a client for gws, which takes a length of 2^63 or more for a negative one and panics. RFC 6455, section
// 5.2, forbids such lengths: gws is shown 2^62 and more instead, and closes the connection as it does for any frame that is too large.
type frameLengths struct {
	in io.Reader
	// index is that of the next byte of a frame's header, which has size bytes. An extended length stands in those from 2 to lengthEnd.
	index, size, lengthEnd int
	length                 uint64
	// payload is how many bytes of the frame's payload are still to come.
	payload uint64
}

func (f *frameLengths) Read(b []byte) (int, error) {
	n, err := f.in.Read(b)
	for i := 0; i < n; {
		if f.payload > 0 {
			skipped := min(f.payload, uint64(n-i))
			f.payload -= skipped
			i += int(skipped)
			continue
		}
		b[i] = f.header(b[i])
		i++
	}
	return n, err
}

// header follows a byte of a header, and returns what gws is shown of it.
func (f *frameLengths) header(b byte) byte {
	const (
		length7, masked        = 0x7f, 0x80
		length16, length64     = 126, 127
		maskBytes              = 4
		forbidden, stillTooBig = 0x80, 0x40
	)
	switch {
	case f.index == 0:
		f.size, f.lengthEnd, f.length = 2, 2, 0
	case f.index == 1:
		switch length := b & length7; length {
		case length16:
			f.size += 2
		case length64:
			f.size += 8
		default:
			f.length = uint64(length)
		}
		f.lengthEnd = f.size
		if b&masked != 0 {
			f.size += maskBytes
		}
	case f.index < f.lengthEnd:
		if f.index == 2 && f.lengthEnd == 2+8 && b&forbidden != 0 {
			b = b&^forbidden | stillTooBig
		}
		f.length = f.length<<8 | uint64(b)
	}
	if f.index++; f.index == f.size {
		f.index, f.payload = 0, f.length
	}
	return b
}
