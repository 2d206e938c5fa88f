// Package probe tries, every few seconds, whether a booking succeeds: it makes a hold at a hidden venue and cancels it, by HTTP at the
// server's own port, as a customer does. It is what tells a server that answers from one that books.
//
//	p := probe.New(probe.Config{URL: server.URL(), Venue: "_probe", Token: token, ...})
//	p.Run(ctx) // until ctx ends
//
// Three failures in a row are the alert "probe_failing". It imports no other room.
package probe
