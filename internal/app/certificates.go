package app

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"

	"vacancy/internal/config"
	"vacancy/internal/tlscert"
)

// certificates are what the configuration names, or nil.
func certificates(c config.Config, log *slog.Logger) (tlscert.Source, error) {
	switch {
	case c.TLSCert != "":
		return tlscert.FromFiles(c.TLSCert, c.TLSKey, log)
	case c.ACME != "":
		return tlscert.FromACME(tlscert.ACMEOptions{
			Domains: c.Domains(), DirectoryURL: c.ACMEDirectory, Email: c.ACMEEmail, CacheDir: c.ACMECache, Log: log,
		}), nil
	default:
		return nil, nil //nolint:nilnil // no TLS is no error
	}
}

// LocalClient calls the server from its own process at [App.URL]. What it speaks to is its own listener, whose certificate is for the
// public name and not for this address.
func (a *App) LocalClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, //nolint:gosec // see above
			ServerName:         a.serverName(),
		},
		MaxIdleConnsPerHost: localIdleConns, IdleConnTimeout: localIdleTimeout,
	}}
}

func (a *App) serverName() string {
	if public := a.config.Public(); public != nil {
		return public.Hostname()
	}
	return ""
}

// publicURL is the scheme and host that customers see, or empty.
func publicURL(c config.Config) string {
	if public := c.Public(); public != nil {
		return public.String()
	}
	return ""
}

// port is the port of an address that has been validated.
func port(address string) string {
	_, number, _ := net.SplitHostPort(address)
	return number
}
