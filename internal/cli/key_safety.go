package cli

import (
	"errors"
	"fmt"
	"net/url"

	"vacancy/internal/config"
)

// errKeyInTheClear: a management key would travel without TLS.
var errKeyInTheClear = errors.New("a management key is not sent over plain HTTP to another machine, where whoever is on the way can " +
	"read it; use https://, or --insecure-http if the network is yours alone")

// checkKeyIsSafe refuses to send a key over plain HTTP, unless it stays on this machine or the operator insists.
func checkKeyIsSafe(address, key string, insist bool) error {
	u, err := url.Parse(address)
	if err != nil || key == "" || insist || u.Scheme != "http" || config.IsLoopback(u.Hostname()) {
		return nil //nolint:nilerr // what is no URL, the client complains of
	}
	return fmt.Errorf("%s: %w", u.Host, errKeyInTheClear)
}
