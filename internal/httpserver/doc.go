// Package httpserver is what stands between the network and the handlers: the ports, their timeouts, TLS, and which names and schemes
// the server answers to.
//
//	policy := httpserver.Policy{PublicURL: public, Trusted: proxies, Misdirected: ..., PlainRefused: ...}
//	server, err := httpserver.Listen(ctx, httpserver.Options{
//		Public: httpserver.Port{Flag: "--listen", Address: ":443", Handler: policy.Guard(api), Certificates: source},
//		Plain:  httpserver.Port{Flag: "--http-listen", Address: ":80", Handler: policy.Upgrade(api)},
//		Log:    log,
//	})
//	err = server.Serve()          // until Shutdown, or until a port fails
//
// It imports package tlscert alone.
package httpserver
