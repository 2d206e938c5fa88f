// Package limit says how much one client may do: rate limits and counts. It knows no HTTP: who serves a protocol asks it, and answers
// refusals in its own words.
//
//	l := limit.New(limit.Config{Trusted: proxies, Now: time.Now, Log: log, Meter: meter, Alerts: alerts})
//	go l.Run(ctx)                                                        // tells of one client that makes most of the requests
//	client := l.Identify(remoteAddr, header["X-Forwarded-For"])
//	if err := l.Allow(client, limit.Requests); err != nil { ... }        // an *Exceeded: what, and when to come back
//	release, err := l.Acquire(client, limit.LiveConnections, 1)          // something held open
//	l.Listen(listener, limit.ListenerConfig{...})                        // connections, of a node and of each client
//
// There are two kinds of limits. A [Rate] bounds what is done over time; it is a token bucket, kept as one number (GCRA). A [Count]
// bounds what is held open at the same time. docs/limits.md tells operators what each is for.
//
// A client is an address, or a management key (see [Client] and [Limiter.Identify]). An IPv6 address counts three times: as its /64,
// /56 and /48, which may do 1, 4 and 16 times as much; whoever has a large prefix gains little by using all of it.
//
// The table of clients (see table.go) is divided into shards with a mutex each, and bounded. A client whose buckets are full and who
// holds nothing has no entry. When a shard is full, an entry that has been used little makes room; entries of clients that are over a
// limit stay, and if there is nothing but those, newcomers share one.
//
// The package imports the standard library only. It does not use golang.org/x/time/rate: a bucket of that library is ten times as large,
// cannot give back a token, and does not say when it will be full again, which the RateLimit header tells.
package limit
