package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// TLS tells whether the server speaks TLS itself.
func (c Config) TLS() bool { return c.TLSCert != "" || c.ACME != "" }

// Domains are those of --acme.
func (c Config) Domains() []string { return list(c.ACME) }

// Public is the address that customers see: --public-url, or else the first domain of --acme; nil if neither is set.
func (c Config) Public() *url.URL {
	switch domains := c.Domains(); {
	case c.PublicURL != "":
		u, err := url.Parse(c.PublicURL)
		if err != nil {
			return nil // Validate has refused it
		}
		u.Path = ""
		return u
	case len(domains) > 0:
		return &url.URL{Scheme: "https", Host: domains[0]}
	default:
		return nil
	}
}

// Proxies are the networks of --trusted-proxies.
func (c Config) Proxies() ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, text := range list(c.TrustedProxies) {
		prefix, err := parsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %q is not an address or a network such as 10.0.0.0/8", text)
		}
		proxies = append(proxies, prefix)
	}
	return proxies, nil
}

// PlainToStrangers tells whether others than this machine can reach the server over plain HTTP, without a proxy that was named.
func (c Config) PlainToStrangers() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || c.TLS() || IsLoopback(host) {
		return false
	}
	proxies, err := c.Proxies()
	return err != nil || !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return !p.Addr().IsLoopback() })
}

// IsLoopback tells whether a host, without a port, can only be this machine.
func IsLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}

// validateListen names what is wrong with how the server is to be reached.
func (c Config) validateListen() error {
	for _, address := range []struct {
		flag, value string
		optional    bool
	}{
		{"--listen", c.Listen, false},
		{"--admin-listen", c.AdminListen, true},
		{"--agent-listen", c.AgentListen, true},
		{"--http-listen", c.HTTPListen, true},
	} {
		if address.value == "" && address.optional {
			continue
		}
		if _, _, err := net.SplitHostPort(address.value); err != nil {
			return fmt.Errorf("%s %q is not a HOST:PORT such as 127.0.0.1:8080", address.flag, address.value)
		}
	}
	if c.HTTPListen != "" && !c.TLS() {
		return errors.New("--http-listen is for plain HTTP beside TLS: set --tls-cert and --tls-key, or --acme, or use --listen")
	}
	if _, err := c.Proxies(); err != nil {
		return err
	}
	if err := c.validateAgent(); err != nil {
		return err
	}
	return errors.Join(c.validateTLS(), c.validatePublicURL())
}

func (c Config) validateAgent() error {
	if c.AgentListen != "" && c.AdminListen == "" {
		return errors.New("--agent-listen needs --admin-listen, where the weight that it answers is set")
	}
	if c.AgentWeight < 0 || c.AgentWeight > maxWeight {
		return fmt.Errorf("--agent-weight %d must be 0 to %d", c.AgentWeight, maxWeight)
	}
	return nil
}

func (c Config) validateTLS() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key are needed together")
	}
	if c.TLSCert != "" && c.ACME != "" {
		return errors.New("--tls-cert and --acme exclude each other")
	}
	for _, domain := range c.Domains() {
		if !strings.Contains(domain, ".") || strings.ContainsAny(domain, "/:*") {
			return fmt.Errorf("--acme %q is not a domain such as book.example.com", domain)
		}
	}
	if c.ACME != "" && c.ACMECache == "" {
		return errors.New("--acme-cache must name a directory: authorities refuse those who ask anew at each start")
	}
	if u, err := url.Parse(c.ACMEDirectory); c.ACMEDirectory != "" && (err != nil || u.Scheme != "https") {
		return fmt.Errorf("--acme-directory %q is not an https:// URL", c.ACMEDirectory)
	}
	return nil
}

func (c Config) validatePublicURL() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("--public-url must be a scheme and a host, as in https://book.example.com, without a path")
	}
	if c.TLS() && u.Scheme != "https" {
		return errors.New("--public-url must begin with https:// where the server speaks TLS")
	}
	return nil
}

// list splits a list at its commas.
func list(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
