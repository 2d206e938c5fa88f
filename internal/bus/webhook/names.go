package webhook

import (
	"slices"

	"vacancy/internal/bus"
	"vacancy/internal/store"
)

// Names are those of the events that an endpoint may ask for.
func Names() []bus.Name {
	return []bus.Name{
		bus.BookingHeld, bus.BookingConfirmed, bus.BookingExtended, bus.BookingExpired, bus.BookingCancelled,
		bus.AvailabilityChanged, bus.AvailabilityReset, bus.AvailabilityDayOpened,
		bus.VenueReset, bus.VenueGap, bus.VenueCheckpoint,
	}
}

// wants tells whether an event is for an endpoint. Those that say that something is lost are for all.
func wants(w *store.Webhook, e *bus.Event) bool {
	timeAlone := e.Name == bus.AvailabilityDayOpened || e.Name == bus.VenueCheckpoint // they are of the revision that there is
	if !timeAlone && e.Epoch == w.Epoch && e.Revision <= w.Revision {
		return false // it is of before the endpoint
	}
	return len(w.Events) == 0 || e.Name == bus.VenueReset || e.Name == bus.VenueGap || slices.Contains(w.Events, string(e.Name))
}
