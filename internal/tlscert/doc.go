// Package tlscert gives a server its TLS certificates: from two files that are read again when they change, or from an authority that
// speaks ACME (RFC 8555), such as Let's Encrypt.
//
//	source, err := tlscert.FromFiles("cert.pem", "key.pem", log)
//	source := tlscert.FromACME(tlscert.ACMEOptions{Domains: []string{"book.example.com"}, CacheDir: "acme", Log: log})
//	...
//	go source.Run(ctx)                    // keeps the certificates up to date
//	listener = tls.NewListener(listener, source.Config())
//
// It imports no other room.
package tlscert
