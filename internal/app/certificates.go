package app

import (
	"crypto/tls"
	"net"
	"net/http"

	"vacancy/internal/config"
	"vacancy/internal/tlscert"
)

// buildCertificates makes the certificates that the configuration names. Without TLS there are none.
func (a *App) buildCertificates() error {
	c := a.config
	switch {
	case c.TLSCert != "":
		files, err := tlscert.FromFiles(c.TLSCert, c.TLSKey, a.log)
		if err != nil {
			return err
		}
		a.certificates = files
	case c.ACME != "":
		a.certificates = tlscert.FromACME(tlscert.ACMEOptions{
			Domains: c.Domains(), DirectoryURL: c.ACMEDirectory, Email: c.ACMEEmail, CacheDir: c.ACMECache, Log: a.log,
		})
	}
	return nil
}

// LocalClient calls the server from its own process at [App.URL]. What it speaks to is its own listener, whose certificate is for the
// public name and not for this address.
func (a *App) LocalClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, //nolint:gosec // its own listener, at an address that the certificate is not for
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
