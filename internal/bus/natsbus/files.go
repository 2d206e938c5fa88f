package natsbus

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"github.com/nats-io/nkeys"
)

// checkFiles says which of the files that a connection needs cannot be used, before nats.go reads them with less to say.
func (c *Config) checkFiles() error {
	if c.CAFile != "" {
		text, err := os.ReadFile(c.CAFile)
		if err != nil {
			return misconfigured("the certificates that NATS is checked with cannot be read: %w", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return misconfigured("the file %s, that NATS is checked with, has no certificate in PEM", c.CAFile)
		}
	}
	if c.CertFile != "" {
		if _, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile); err != nil {
			return misconfigured("the client certificate for NATS cannot be used: %w", err)
		}
	}
	if c.CredentialsFile == "" {
		return nil
	}
	text, err := os.ReadFile(c.CredentialsFile)
	if err != nil {
		return misconfigured("the credentials for NATS cannot be read: %w", err)
	}
	token, err := nkeys.ParseDecoratedJWT(text)
	if err == nil {
		_, err = nkeys.ParseDecoratedUserNKey(text)
	}
	if err != nil || token == string(text) { // which is what is returned if there are no decorations
		return misconfigured("the file %s, with credentials for NATS, has no user's token and key as nsc writes them", c.CredentialsFile)
	}
	return nil
}
