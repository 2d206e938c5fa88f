package bustest

import (
	"errors"
	"strings"

	"vacancy/internal/bus"
)

var setupChecks = []check{
	{name: "setup/the broker is not there yet", run: setupLater, needs: network},
	{name: "setup/misconfigured", run: setupMisconfigured, needs: misconfigured},
}

// setupLater: a server starts without its broker.
func setupLater(f *fixture) {
	f.must("close", f.bus.Close())
	f.network.Cut()
	f.returnsPromptly("open", func() error { f.bus = f.open(); return nil })
	f.unwell()
	f.network.Heal()
	f.recovers(3)
}

func setupMisconfigured(f *fixture) {
	venue := f.venue("a")
	for _, m := range f.harness.Misconfigured {
		client := f.client()
		b := m.Open(f, f.broker, client)
		f.eventually(m.Name, func() string {
			ctx, cancel := f.within(attemptTimeout)
			defer cancel()
			err := f.attempt(ctx, b, venue, Events(venue, 0, 2))
			f.checkSecrets(errorText(err), secretOf(m)...)
			if !errors.Is(err, bus.ErrMisconfigured) {
				return "not said to be misconfigured: " + errorText(err)
			}
			return lacks(err, m.Says)
		})
		f.eventually(m.Name+", health", func() string {
			err := b.Health()
			f.checkSecrets(errorText(err), secretOf(m)...)
			return lacks(err, m.Says)
		})
		f.must("close", b.Close())
	}
}

func secretOf(m Misconfigured) []string {
	if m.Secret == "" {
		return nil
	}
	return []string{m.Secret}
}

// lacks says which part an error does not have.
func lacks(err error, parts []string) string {
	text := errorText(err)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return "the reason lacks " + part + ": " + text
		}
	}
	return ""
}
