package ws

import "context"

// Origin is where the page comes from that opened a connection. Implementations must be safe for concurrent use.
type Origin interface {
	// Foreign tells whether it is a page of another site.
	Foreign() bool
	// Allowed tells whether the page may subscribe to what is the venue's.
	Allowed(ctx context.Context, venue string) bool
}
