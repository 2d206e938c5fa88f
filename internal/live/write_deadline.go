package live

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// ErrSlow: a reader took too long for one frame, or was slow while too much waits for readers to take it.
var ErrSlow = errors.New("the reader is too slow")

// Backlog writes frames to readers' connections, and counts the bytes in memory that wait for readers to take them.
type Backlog struct {
	// max is how many bytes may wait before slow readers are given up.
	max   int64
	bytes atomic.Int64
}

// NewBacklog makes a backlog that slow readers may fill up to that many bytes.
func NewBacklog(maxBytes int64) *Backlog { return &Backlog{max: maxBytes} }

// Bytes is how many bytes wait.
func (l *Backlog) Bytes() int64 { return l.bytes.Load() }

// Write writes all of b to a reader's connection. It gives up when [WriteStallTimeout] has passed without progress (it may be twice that,
// because a deadline does not tell when the last byte went before it), when [FrameTimeout] has passed since the beginning, and when the
// reader is slow while the backlog is full. It returns how much was written. Only one goroutine may write to a connection at a time.
//
// The frame of which b is the encoding is nil if the bytes are the connection's own: those of a frame are counted once, however many
// readers share them.
func (l *Backlog) Write(conn net.Conn, b []byte, f *Frame) (written int, err error) {
	l.hold(f, len(b))
	defer l.release(f, len(b))
	began := time.Now()
	return writeChunks(began, b, func(chunk []byte, deadline time.Time) (int, error) {
		if l.bytes.Load() > l.max && time.Since(began) > slowAfter {
			return 0, fmt.Errorf("%w: %d bytes wait for readers", ErrSlow, l.bytes.Load())
		}
		if err := conn.SetWriteDeadline(deadline); err != nil {
			return 0, err
		}
		n, err := conn.Write(chunk)
		// A deadline that found the connection halfway is no failure. (Over TLS it is: the connection is of no use then, and says so at
		// the next write.)
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
		return n, err
	})
}

// WriteStream is like Write, for a stream that shares its connection with others: one of HTTP/2. It writes with a deadline for each
// chunk, has them sent, and takes the deadline away, which would end the stream while it has nothing to say.
func (l *Backlog) WriteStream(w Stream, b []byte, f *Frame) (err error) {
	l.hold(f, len(b))
	defer l.release(f, len(b))
	began := time.Now()
	_, err = writeChunks(began, b, func(chunk []byte, deadline time.Time) (int, error) {
		if l.bytes.Load() > l.max && time.Since(began) > slowAfter {
			return 0, fmt.Errorf("%w: %d bytes wait for readers", ErrSlow, l.bytes.Load())
		}
		// Not every stream has deadlines. One without is given up when its server or its reader does so.
		_ = w.SetWriteDeadline(deadline)
		n, err := w.Write(chunk)
		if err == nil {
			err = w.Flush()
		}
		return n, err
	})
	if err == nil {
		_ = w.SetWriteDeadline(time.Time{})
	}
	return err
}

// Stream is a reader's answer that shares its connection.
type Stream interface {
	Write(b []byte) (int, error)
	Flush() error
	SetWriteDeadline(deadline time.Time) error
}

// writeChunks writes b in chunks, each with the deadline of its own and of the whole.
func writeChunks(began time.Time, b []byte, write func(chunk []byte, deadline time.Time) (int, error)) (written int, err error) {
	end := began.Add(FrameTimeout)
	for written < len(b) {
		now := time.Now()
		if !now.Before(end) {
			return written, fmt.Errorf("%w: %d of %d bytes in %v", ErrSlow, written, len(b), FrameTimeout)
		}
		deadline := now.Add(WriteStallTimeout)
		if deadline.After(end) {
			deadline = end
		}
		n, err := write(b[written:min(written+writeChunk, len(b))], deadline)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// hold counts bytes that are being written, until release.
func (l *Backlog) hold(f *Frame, size int) {
	if f == nil || f.writers.Add(1) == 1 {
		l.bytes.Add(int64(size))
	}
}

func (l *Backlog) release(f *Frame, size int) {
	if f == nil || f.writers.Add(-1) == 0 {
		l.bytes.Add(-int64(size))
	}
}
