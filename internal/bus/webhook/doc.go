// Package webhook is a bus whose receivers are the venues' own: it delivers events to the endpoints that each venue has, as the Standard
// Webhooks have it, in the structured mode of CloudEvents.
//
//	b := webhook.New(webhook.Config{Store: s, AllowedNetworks: networks, Meter: m, Alerts: a, Log: log})
//	go b.Run(ctx)                          // makes the attempts that wait, until ctx ends
//	receipt, err := b.Publish(ctx, v, events) // nil: each is delivered, or waits in the database
//
// While all is well, Publish itself delivers, in order, to the endpoints side by side. What fails is queued in the database, and so is all
// that follows it, until the queue has caught up: a dead endpoint slows nobody, and loses nothing for three days. Then it is disabled.
//
// Who may write an endpoint's address may have this machine connect to it. egress.go says where it may lead: it judges the address that is
// dialled, after the name is resolved. Bus is in bus.go, attempts in attempt.go, the queue in retry.go, what the API calls in endpoints.go,
// and the numbers in limits.go.
package webhook
