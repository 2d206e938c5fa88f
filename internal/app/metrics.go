package app

import (
	"math"
	"time"

	"vacancy/internal/live"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/telemetry"
	"vacancy/internal/tlscert"
)

// showState has metrics read what the rooms hold at the moment of a scrape.
func (a *App) showState() {
	t := a.telemetry
	t.Desk.Read(a.desk.Waiting, a.config.MaxWaiting, a.desk.InDoubt)
	t.Live.Read(func() telemetry.LiveState {
		s := a.hub.Sizes()
		return telemetry.LiveState{
			StaleReaders: a.hub.StaleReaders(), MaxReaders: a.config.MaxReaders, Windows: s.Windows,
			DayStates: s.DayStates, MaxDayStates: live.DefaultMaxDayStates,
			BacklogBytes: s.BacklogBytes, MaxBacklog: live.DefaultMaxBacklog,
		}
	})
	t.View.Read(func() (stale bool, age time.Duration) {
		stale, asOf := a.view.Freshness("")
		return stale, a.view.Now().Sub(asOf)
	}, a.view.Sizes)
	t.Outbox.Read(a.relays.states)
	if _, ok := a.config.PostgresURL(); ok {
		t.Database.Term(func() float64 { return float64(a.hosts.term.Load()) })
		t.Database.Backups(a.hosts.judged)
	}
	if file, ok := a.database.Store.(*sqlite.Store); ok {
		t.Database.SQLite(
			func() float64 { return float64(file.Sizes().File) }, func() float64 { return float64(file.Sizes().Log) },
			func() float64 { return knownBytes(file.Sizes().Free) })
	}
}

// knownBytes is a number of bytes, which is negative if it is not known.
func knownBytes(n int64) float64 {
	if n < 0 {
		return math.NaN()
	}
	return float64(n)
}

// showCertificate has a metric tell when the certificate ends, if it is known.
func (a *App) showCertificate() {
	if files, ok := a.certificates.(*tlscert.Files); ok {
		a.telemetry.Server.Certificate(files.NotAfter)
	}
}
