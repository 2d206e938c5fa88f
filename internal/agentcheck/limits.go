package agentcheck

import "time"

const (
	// MaxWeight is the whole weight, in percent of what HAProxy's configuration gives the server.
	MaxWeight = 100
	// writeTimeout bounds an answer. It has 11 bytes at most, and the buffer of a new connection takes them at once.
	writeTimeout = time.Second
	// acceptPause is how long after a failure, such as no descriptor being left, the next connection is accepted.
	acceptPause = 100 * time.Millisecond
	// maxWeightFile bounds the file of a weight, in bytes: a number and a newline.
	maxWeightFile = 16
)
