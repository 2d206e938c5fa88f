// Package feed gives a venue's events to whoever asks for them: the same as a bus carries, by a cursor that the caller keeps. It serves
// those who have neither a broker nor an address that webhooks could reach.
//
//	f := feed.New(feed.Config{Store: s, Pictures: v, Hub: hub})
//	r, err := f.Open(ctx, venue)                          // counts as one more who waits, until it is closed
//	page, err := r.Next(ctx, cursor, limit, 30*time.Second) // waits until there is something
//	defer r.Close()
//
// Events are made of the changes that are stored, and only of those that are proven to be durable. Nothing is kept for a reader: its cursor
// has all. A cursor of another history of the database gets venue.reset and goes on; one behind which changes were deleted gets venue.gap.
// There are no checkpoints: between the changes and a reader's cursor, nothing can be lost.
//
// The room imports events, bus, live, view, store and booking.
package feed
