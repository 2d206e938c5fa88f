package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

var errFrameTooLarge = errors.New("a frame of the stream is too large")

// Frame is one event of a live stream as it travels.
type Frame struct {
	Kind EventKind
	// ID is the position after the frame: the last one that the stream gave.
	ID string
	// Data is the body, valid until the next frame is read.
	Data []byte
}

// FrameReader reads server-sent events, for who wants the frames themselves; [Client.Watch] makes sense of them. Of the event stream
// format of the HTML standard it knows the fields event, data and id: Vacancy sends no others.
type FrameReader struct {
	r    *bufio.Reader
	most int // bytes of one frame
	line []byte
	data []byte
	id   string
}

// NewFrameReader reads the body of a stream. A frame of more than 16 MB is an error.
func NewFrameReader(r io.Reader) *FrameReader {
	return &FrameReader{r: bufio.NewReader(r), most: maxFrame}
}

// Next returns the next frame. Comments keep the connection alive, and are passed over.
func (s *FrameReader) Next() (Frame, error) {
	frame := Frame{Kind: "message"}
	s.data = s.data[:0]
	for {
		line, err := s.readLine()
		if err != nil {
			return Frame{}, err
		}
		if len(line) == 0 {
			if len(s.data) == 0 {
				frame.Kind = "message"
				continue
			}
			frame.Data, frame.ID = s.data[:len(s.data)-1], s.id
			return frame, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "event":
			frame.Kind = EventKind(value)
		case "data":
			s.data = append(append(s.data, value...), '\n')
		case "id":
			s.id = string(value)
		}
		if len(s.data) > s.most {
			return Frame{}, errFrameTooLarge
		}
	}
}

// readLine returns a line without its end, which is LF or CR LF.
func (s *FrameReader) readLine() ([]byte, error) {
	s.line = s.line[:0]
	for {
		part, err := s.r.ReadSlice('\n')
		s.line = append(s.line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(bytes.TrimSuffix(s.line, []byte("\n")), []byte("\r")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(s.line) > s.most:
			return nil, errFrameTooLarge
		}
	}
}
