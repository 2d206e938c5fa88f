// Package sse carries live queries to browsers as server-sent events. It imports live only.
//
//	handler := sse.New(sse.Options{Hub: hub, Limits: limits, Fail: problem, Log: log})
//	mux.Handle("GET /v1/live", handler)
//	...
//	handler.Close(ctx)
//
// Over HTTP/1.1 the connection is taken from the HTTP server (hijacked): the server's buffers and its goroutine's large stack are
// freed, and an idle reader costs a goroutine that waits to hear that the reader has gone. Frames are written by a worker, which
// runs only while there is something to write. What the caller set in the response's header is sent along.
//
// The answer has no length and is not chunked: it ends when the connection ends (Connection: close), as every version of HTTP
// allows. A chunk's size would have to be written before each frame, so frames could not be shared as they are; and the one thing
// that chunks tell, that an answer is complete, no stream ever is. Whoever reads it connects again in any case.
//
// Where a connection cannot be taken (HTTP/2, a recorder in a test), the request's own goroutine writes and flushes.
package sse
