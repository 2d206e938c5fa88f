package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
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

// validateOTLP names what is wrong with where traces and metrics go.
func (c Config) validateOTLP() error {
	if c.OTLPTraceShare < 0 || c.OTLPTraceShare > 1 {
		return fmt.Errorf("--otlp-trace-share %v must be 0 to 1", c.OTLPTraceShare)
	}
	if c.OTLP == "" {
		return nil
	}
	u, err := url.Parse(c.OTLP)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return errors.New("--otlp must be a scheme and a host, as in http://127.0.0.1:4318")
	}
	return nil
}
