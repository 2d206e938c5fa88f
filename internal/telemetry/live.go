package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Live measures the hub.
type Live struct {
	readers              prometheus.Gauge
	delivered, published prometheus.Observer
	merged               prometheus.Counter
	frames, resets       *prometheus.CounterVec
	laterTerms, panics   prometheus.Counter
	state                *readings
}

var (
	frameEvents  = []string{"snapshot", "delta", "reset", "stale", "fresh", "booking"}
	resetReasons = []string{"schedule_changed", "position_unknown", "epoch_changed"}
)

func newLive(d *definitions) Live {
	s := d.section("Live updates")
	return Live{
		readers: s.gauge("vacancy_live_readers", "Live connections: event streams and WebSockets."),
		delivered: s.histogram("vacancy_live_delivery_age_seconds",
			"Update latency: from the commit of a change (`committed_at`; of several, the oldest) to the moment when its frame is handed to a "+
				"reader's connection, once for each reader. What a reader missed while it was not connected is not counted.",
			updateTimes),
		published: s.histogram("vacancy_live_publish_age_seconds",
			"The part of it that is the server's: from the commit to the moment when the frame is there for all readers of a query.",
			updateTimes),
		merged: s.counter("vacancy_live_changes_published_total", "Changes that were published; frames merge several."),
		frames: fromZero(s.counters("vacancy_live_frames_total", "Frames that were handed to readers' connections.",
			Label{"event", listed(frameEvents)}), frameEvents),
		resets: fromZero(s.counters("vacancy_live_resets_total", "Readers that had to begin anew.",
			Label{"reason", listed(resetReasons)}), resetReasons),
		laterTerms: s.counter("vacancy_live_later_terms_total",
			"Readers and requests with a position of a later [term](failover.md) of the database than the server could find, asking all hosts: it "+
				"may be cut off from the one in charge. Anybody can make one up."),
		panics: s.counter("vacancy_live_panics_total",
			"Faults that cost a live reader, or a venue's state in memory. The log has their stacks."),
		state: s.readings(
			Definition{
				Name: "vacancy_live_stale_readers",
				Help: "Live queries whose readers were told that what they see may lag behind the database.",
			},
			Definition{
				Name: "vacancy_live_readers_max",
				Help: "How many live connections there may be (`--max-readers`); more are answered with 503.",
			},
			Definition{Name: "vacancy_live_windows", Help: "Live and other recent queries that are kept in memory."},
			Definition{Name: "vacancy_live_day_states", Help: "Days of services that are kept in memory, by their weight."},
			Definition{Name: "vacancy_live_day_states_max", Help: "How many may be; what is beyond it is computed for each request."},
			Definition{
				Name: "vacancy_live_backlog_bytes", Help: "Depth of the queue to readers: bytes that wait for them to take.",
			},
			Definition{
				Name: "vacancy_live_backlog_max_bytes",
				Help: "How many bytes may wait; beyond it, readers who take longer than 5 s are cut.",
			}),
	}
}

// Readers sets how many connections there are.
func (l Live) Readers(n int) { l.readers.Set(float64(n)) }

// Published counts one publication of so many changes, the oldest of that age.
func (l Live) Published(age time.Duration, changes int) {
	l.published.Observe(age.Seconds())
	l.merged.Add(float64(changes))
}

// LaterTerm counts a position of a later term.
func (l Live) LaterTerm() { l.laterTerms.Inc() }

// Panicked counts a fault.
func (l Live) Panicked() { l.panics.Inc() }

// Frame counts a frame that was handed to a connection.
func (l Live) Frame(event string) { l.frames.WithLabelValues(event).Inc() }

// Update notes how old the oldest change of a frame was when it was handed to a connection.
func (l Live) Update(age time.Duration) { l.delivered.Observe(age.Seconds()) }

// Began counts a reader that had to begin anew.
func (l Live) Began(reason string) { l.resets.WithLabelValues(reason).Inc() }

// LiveState is what a hub holds at a moment, and how much of each it may.
type LiveState struct {
	StaleReaders, MaxReaders int
	Windows                  int
	DayStates, MaxDayStates  int
	BacklogBytes, MaxBacklog int64
}

// Read has the hub's state shown.
func (l Live) Read(read func() LiveState) {
	l.state.from(func(show show) {
		s := read()
		show("vacancy_live_stale_readers", float64(s.StaleReaders))
		show("vacancy_live_readers_max", float64(s.MaxReaders))
		show("vacancy_live_windows", float64(s.Windows))
		show("vacancy_live_day_states", float64(s.DayStates))
		show("vacancy_live_day_states_max", float64(s.MaxDayStates))
		show("vacancy_live_backlog_bytes", float64(s.BacklogBytes))
		show("vacancy_live_backlog_max_bytes", float64(s.MaxBacklog))
	})
}
