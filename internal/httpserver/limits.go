package httpserver

import "time"

// Timeouts of every port. Live connections leave them behind when their transport takes them over.
const (
	// readHeaderTimeout bounds the time in which a request's head must arrive.
	readHeaderTimeout = 5 * time.Second
	// readTimeout bounds the whole request, its body included: bodies have at most 64 KiB.
	readTimeout = 10 * time.Second
	// writeTimeout bounds an answer, to a client that reads slowly too.
	writeTimeout = 30 * time.Second
	// idleTimeout is how long a connection may be kept without a request.
	idleTimeout = 30 * time.Second
	// maxHeaderBytes bounds a request's head.
	maxHeaderBytes = 32 << 10
	// acceptedTimeout is how long a server that stops waits for the request on a connection that it has accepted, and acceptedInterval how
	// often it looks.
	acceptedTimeout  = time.Second
	acceptedInterval = 5 * time.Millisecond
	// pingInterval and pingTimeout find HTTP/2 connections whose other end is gone.
	pingInterval = 30 * time.Second
	pingTimeout  = 15 * time.Second
)

// hstsMaxAge is for how long browsers use HTTPS only, once they have seen it: a year, as the lists of browsers ask for.
const hstsMaxAge = 365 * 24 * time.Hour
