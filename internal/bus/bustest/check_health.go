package bustest

import "vacancy/internal/bus"

var healthChecks = []check{
	{name: "health/while all is well", run: healthWell},
	{name: "health/while the broker is away", run: healthAway, needs: network},
}

func healthWell(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 1))
	if err := f.bus.Health(); err != nil {
		f.Errorf("after a confirmation: %v", err)
	}
}

func healthAway(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 1))
	f.network.Cut()
	f.unwell()
	f.network.Heal()
	f.recovers(2)
}

// unwell waits until the bus says that it cannot publish, and checks what it says.
func (f *fixture) unwell() {
	f.Helper()
	venue := f.venue("unwell")
	f.eventually("a broker that is away", func() string {
		ctx, cancel := f.within(attemptTimeout)
		defer cancel()
		if err := f.attempt(ctx, f.bus, venue, Events(venue, 0, 1)); err == nil {
			return "it confirms"
		}
		if err := f.bus.Health(); err != nil {
			f.checkSecrets(err.Error(), f.harness.Secrets...)
			return ""
		}
		return "it is healthy"
	})
	f.returnsPromptly("health", func() error { _ = f.bus.Health(); return nil })
}

// recovers waits until the bus publishes, and checks that it says so.
func (f *fixture) recovers(events int) {
	f.Helper()
	venue := f.venue("recovers")
	sent := make([]bus.Event, 0, events)
	for i := range events {
		sent = append(sent, Event(venue, i))
		f.publishUntilConfirmed(f.bus, venue, sent[i:])
	}
	f.eventually("health", func() string {
		if err := f.bus.Health(); err != nil {
			return "after a confirmation: " + err.Error()
		}
		return ""
	})
	f.verify(sent, len(sent))
}
