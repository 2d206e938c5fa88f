package client

import "time"

// The numbers of the client.
const (
	// requestTimeout bounds a request, and the wait for the head of its answer: a server answers, or says that it cannot, within 10 s.
	requestTimeout = 30 * time.Second
	// dialTimeout bounds connecting, and the TLS handshake besides.
	dialTimeout = 10 * time.Second
	// idleTimeout is how long an unused connection is kept: it ends before the server closes it, after 30 s, so that no request is sent
	// into a connection that is closing.
	idleTimeout = 20 * time.Second
	// maxIdleConns is how many unused connections are kept for one server: as many as a busy program's goroutines use at once.
	maxIdleConns = 32
	// maxRedirects is how many redirects in a row are followed, as net/http has it.
	maxRedirects = 10

	// feedWait is how long a call for events waits, unless the caller says: less than requestTimeout.
	feedWait = 20 * time.Second

	// maxTries is how often a repeatable request is sent at most.
	maxTries = 4
	// firstBackoff bounds the random wait after the first failure. It doubles with each, up to maxBackoff.
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
	// maxRetryAfter is the longest wait that a server can ask for; for a longer one the caller gets the problem, and decides.
	maxRetryAfter = 10 * time.Second

	// maxBody bounds an answer, and maxFrame a frame of a live stream, in bytes, so that a broken server cannot exhaust memory. The longest
	// window with a start every minute has 13 MB.
	maxBody  = 16 << 20
	maxFrame = 16 << 20
	// maxSilence is how long a live connection may say nothing before it is taken for dead. Servers send something every 15 s.
	maxSilence = 45 * time.Second
)
