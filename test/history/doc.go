// Package history checks what clients saw of a running server, over HTTP: many of them hold, book, confirm, cancel and look, while
// server processes are killed and started again. Each call is recorded with the time it was made and answered. A history is right if
// there is an order of all calls, each taking effect at one moment between its two times, in which a simple model of a slot gives
// every answer that was given: it is linearizable.
//
// Calls whose answer was lost have an unknown outcome: they may have taken effect at any time after they were made, or never. For
// calls that make a booking, the listing at the end tells which, since a booking is never forgotten.
package history
