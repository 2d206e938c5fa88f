// Package e2e tests the whole server as its users meet it: the real app on a real database file, over real sockets, through the
// public client. What it proves is what the README promises.
package e2e
