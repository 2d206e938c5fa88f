package live

import (
	"errors"
	"net"
	"os"
	"time"
)

const (
	// Patience is how long a reader's connection may take no byte at all before it is given up.
	Patience = 10 * time.Second
	// piece is how much is written under one deadline, so that a slow reader of a large frame makes progress that can be seen.
	piece = 16 << 10
)

// Write writes all of b to a reader's connection, however slowly it takes it, and gives up only when [Patience] has passed without
// progress; it may be twice that, because a deadline does not tell when the last byte went before it. It returns how much was
// written. Only one goroutine may write at a time.
func Write(conn net.Conn, b []byte) (written int, err error) {
	for written < len(b) {
		if err := conn.SetWriteDeadline(time.Now().Add(Patience)); err != nil {
			return written, err
		}
		n, err := conn.Write(b[written:min(written+piece, len(b))])
		written += n
		// A deadline that found the connection halfway is no failure. (Over TLS it is: the connection is of no use then, and says so at
		// the next write.)
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return written, err
		}
	}
	return written, nil
}
