package live

import (
	"errors"
	"net"
	"os"
	"time"
)

// WriteWithDeadline writes all of b to a reader's connection, however slowly it takes it, and gives up when [WriteStallTimeout] has
// passed without progress; it may be twice that, because a deadline does not tell when the last byte went before it. It returns how
// much was written. Only one goroutine may write at a time.
func WriteWithDeadline(conn net.Conn, b []byte) (written int, err error) {
	for written < len(b) {
		if err := conn.SetWriteDeadline(time.Now().Add(WriteStallTimeout)); err != nil {
			return written, err
		}
		n, err := conn.Write(b[written:min(written+writeChunk, len(b))])
		written += n
		// A deadline that found the connection halfway is no failure. (Over TLS it is: the connection is of no use then, and says so at
		// the next write.)
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return written, err
		}
	}
	return written, nil
}
