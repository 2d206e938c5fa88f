// Package client is the Go client of a Vacancy server: its JSON API, and its live protocol over server-sent events and WebSocket.
//
//	c, err := client.New("https://book.example", client.WithKey(os.Getenv("VACANCY_ADMIN_KEY")))
//	...
//	booked, err := c.Book(ctx, "barber", client.NewBooking{
//		Service: "cut", Start: slot.Start, PartySize: 1,
//		Customer: &client.Customer{Name: "Ada", Email: "ada@example.org"},
//	})
//	var problem *client.Problem
//	if errors.As(err, &problem) && problem.Code == client.CodeSlotUnavailable {
//		offer(problem.Alternatives) // somebody was quicker; these are still free
//	}
//
// Refusals of the server are a [*Problem]. Requests that can be repeated without a second effect are repeated by the client, a few
// times, when the connection breaks or the server is busy; every POST carries an idempotency key, so bookings are among them.
//
// [Client.Watch] keeps a picture of availability up to date for as long as it is ranged over: it reconnects by itself and goes on
// from where it was. [Client.Dial] opens a WebSocket for several subscriptions at once.
//
// The module's path has no domain, so the go command cannot fetch it by itself. A program of yours names a checkout, or a fork, of the
// repository in its go.mod:
//
//	require vacancy v0.0.0
//	replace vacancy => ../vacancy // or a module path and version, such as example.com/fork/vacancy v0.1.0
//
// The package imports the standard library and a WebSocket library; nothing of the server. Package
// [vacancy/client/venuefile] reads venues from YAML files and puts them on a server.
package client
