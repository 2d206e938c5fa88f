package config

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// stateFileName is that of the file in which a server keeps what it knows of its database.
const stateFileName = "vacancy-failover.json"

// StateFile is where the server keeps what it knows of its database; empty if it keeps nothing.
func (c Config) StateFile() string {
	if c.FailoverState != "" {
		return c.FailoverState
	}
	address, ok := c.PostgresURL()
	if !ok || !severalHosts(address) {
		return ""
	}
	directory, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":") // systemd may name several
	return filepath.Join(directory, stateFileName)
}

// severalHosts tells whether a URL lists more than one host, in its authority or its parameters.
func severalHosts(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return strings.Contains(u.Host, ",") || strings.Contains(u.Query().Get("host"), ",")
}
