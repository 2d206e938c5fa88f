// Package auth says who calls: it turns the bearer token of a request into a [booking.Actor], and keeps the management keys.
//
// There are two kinds of tokens. A management key makes its holder staff; keys are "vk_" and 160 random bits, or what the operator
// chose for the first one, and only their SHA-256 is stored. Any other token may be the manage token of a booking, which the desk
// compares with the booking it is used for. Neither ever stands in a URL, a log line or the database.
//
//	keys := auth.New(store)
//	shown, err := keys.EnsureAdmin(ctx, os.Getenv("VACANCY_ADMIN_KEY")) // once, at the start
//	actor, err := keys.Actor(ctx, request)                              // for each request that needs to know
//
// What an actor may do is for the desk to decide. This package imports the domain and the store's contract.
package auth
