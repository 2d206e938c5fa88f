package cli

import "io"

// Streams are where a command reads and writes: the terminal's, or a test's.
type Streams struct {
	Out, Err io.Writer
	In       io.Reader
	// Terminal tells that somebody sees Out: what is written there is not kept in a log.
	Terminal bool
}
