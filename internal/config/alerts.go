package config

import (
	"errors"
	"net/url"
)

// validateAlerts names what is wrong with how people are alerted. The webhook's address may be a secret, and is not repeated.
func (c Config) validateAlerts() error {
	if c.AlertWebhook == "" {
		return nil
	}
	if u, err := url.Parse(c.AlertWebhook); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("--alert-webhook must be an http:// or https:// URL")
	}
	return nil
}
