package postgres

import (
	"crypto/tls"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// verifiedMode is the sslmode in which the server's certificate is verified, and that it is for the host that was named.
const verifiedMode = "verify-full"

// withVerifiedTLS is the URL with the sslmode that connections to another machine have unless the operator chose one: libpq's own default
// encrypts if the server likes, and believes any server. ok is false if nothing is to be changed.
func withVerifiedTLS(u *url.URL, parsed *pgxpool.Config) (text string, ok bool) {
	query := u.Query()
	chosen := query.Has("sslmode") || query.Has("service") || os.Getenv("PGSSLMODE") != "" || os.Getenv("PGSERVICE") != ""
	if chosen || len(foreignHosts(parsed)) == 0 {
		return "", false
	}
	verified := *u
	verified.RawQuery = strings.TrimPrefix(u.RawQuery+"&sslmode="+verifiedMode, "&")
	return verified.String(), true
}

// foreignHosts are those of the configuration that may be other machines.
func foreignHosts(c *pgxpool.Config) (hosts []string) {
	add := func(host string) {
		if !strings.HasPrefix(host, "/") && !loopback(host) { // a path is that of a socket
			hosts = append(hosts, host)
		}
	}
	add(c.ConnConfig.Host)
	for _, other := range c.ConnConfig.Fallbacks {
		add(other.Host)
	}
	return hosts
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// unverified tells whether a connection to another machine may be to anybody: unencrypted, or with a certificate that is not verified.
func unverified(c *pgx.ConnConfig) bool {
	weak := func(host string, config *tls.Config) bool {
		return !strings.HasPrefix(host, "/") && !loopback(host) && (config == nil || config.InsecureSkipVerify)
	}
	if weak(c.Host, c.TLSConfig) {
		return true
	}
	for _, other := range c.Fallbacks {
		if weak(other.Host, other.TLSConfig) {
			return true
		}
	}
	return false
}

// reportTLS tells the operator how connections are encrypted, as it was negotiated on one of them.
func (s *Store) reportTLS(conn *pgx.Conn) {
	if unverified(s.connector.pool.ConnConfig) {
		s.config.Log.Warn("the database is on another machine, and sslmode does not verify that it is the right one: whoever is on the way "+
			"can read and change everything; use sslmode="+verifiedMode, "database", s.connector.name(), "tls", negotiated(conn))
		return
	}
	s.config.Log.Info("connections to the database", "database", s.connector.name(), "tls", negotiated(conn))
}

// negotiated is the version and cipher of a connection's encryption, or "none".
func negotiated(conn *pgx.Conn) string {
	encrypted, ok := conn.PgConn().Conn().(*tls.Conn)
	if !ok {
		return "none"
	}
	state := encrypted.ConnectionState()
	verification := "not verified"
	if len(state.VerifiedChains) > 0 {
		verification = "verified"
	}
	return tls.VersionName(state.Version) + ", " + tls.CipherSuiteName(state.CipherSuite) + ", " + verification
}
