// Package ws carries live queries and bookings over WebSocket. It imports live only, and the protocol from gws.
//
//	handler := ws.New(ws.Options{Hub: hub, Limits: limits, Origin: origin, ...})
//	if ws.Wanted(r) {
//		handler.ServeHTTP(w, r)
//	}
//	...
//	handler.Close(ctx)
//
// A connection has one goroutine, which reads. What is to be written is written by a worker, one frame of each subscription in
// turn, so that none waits for another's. The JSON of a frame is shared by all its readers; only the few bytes before it, which name
// the subscription, are the connection's own.
package ws
