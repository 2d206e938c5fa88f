package tlscert

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// ACMEOptions say for whom to get certificates, and from whom.
type ACMEOptions struct {
	Domains []string
	// DirectoryURL is the authority's; empty is Let's Encrypt.
	DirectoryURL string
	// Email is where the authority writes to; it may be empty.
	Email string
	// CacheDir keeps the account and the certificates over restarts. It is made if it is not there.
	CacheDir string
	Log      *slog.Logger
}

// ACME gets its certificates from an authority, which must be able to connect to port 443 of each domain (or to port 80, if
// [ACME.Challenges] is served there).
type ACME struct {
	options ACMEOptions
	manager *autocert.Manager
}

// FromACME gets certificates for the domains. Whoever uses it agrees to the terms of the authority.
func FromACME(o ACMEOptions) *ACME {
	return &ACME{options: o, manager: &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(o.CacheDir),
		HostPolicy: autocert.HostWhitelist(o.Domains...),
		Email:      o.Email,
		Client:     &acme.Client{DirectoryURL: o.DirectoryURL, UserAgent: "vacancy"},
	}}
}

// Config implements [Source].
func (a *ACME) Config() *tls.Config { return config(a.manager.GetCertificate, acme.ALPNProto) }

// Challenges implements [Source].
func (a *ACME) Challenges(next http.Handler) http.Handler { return a.manager.HTTPHandler(next) }

// Run implements [Source]: it gets each domain's certificate before the first visitor asks for it, and says if that fails.
func (a *ACME) Run(ctx context.Context) {
	known := make(map[string]string) // the last certificate of each domain
	for wait := time.Duration(0); ; {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = acmeCheckInterval
		for _, domain := range a.options.Domains {
			if !a.check(domain, known) {
				wait = acmeRetryInterval
			}
		}
	}
}

// check asks for a domain's certificate, and tells whether there is one.
func (a *ACME) check(domain string, known map[string]string) bool {
	// What a modern client says, so that it is the certificate with an ECDSA key that is asked for.
	hello := &tls.ClientHelloInfo{
		ServerName: domain, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves: []tls.CurveID{tls.CurveP256}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	}
	certificate, err := a.manager.GetCertificate(hello)
	if err != nil {
		a.options.Log.Error("no TLS certificate from the ACME authority; trying again", "domain", domain, "error", err)
		return false
	}
	if serial := certificate.Leaf.SerialNumber.String(); known[domain] != serial {
		known[domain] = serial
		logCertificate(a.options.Log, certificate, time.Now())
	}
	return true
}
