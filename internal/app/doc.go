// Package app is the composition root: the only room that sees every adapter. It builds the store, the view, the desk, the hub and
// the HTTP server, runs them, and closes them in order.
//
//	a, err := app.New(ctx, config, log)   // opens the database and listens
//	err = a.Run(ctx)                      // serves until ctx ends, then finishes what was accepted
//
// Tests start the real thing the same way, on port 0.
package app
