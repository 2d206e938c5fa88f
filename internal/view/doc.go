// Package view is a node's in-memory picture of its venues: catalogue, ledgers and revision, rebuilt from the store at will. It
// answers reads and never decides a booking.
//
// A [Picture] is immutable: whoever has one may compute on it for as long as it likes, without locks. The [View] replaces a
// venue's picture when a change is applied (by the desk, after its commit), when a gap shows that changes were missed, and when
// the periodic check finds the store ahead. It knows how fresh it is.
package view
