package telemetry

import "time"

// View shows how far the node's memory is behind its database.
type View struct{ stale, age, venues, lagging *reading }

func newView(d *definitions) View {
	s := d.section("What is in memory")
	return View{
		stale: s.reading("vacancy_view_stale",
			"1 while the database cannot be read: availability is served from memory then, marked stale."),
		age: s.reading("vacancy_view_age_seconds",
			"Time since the memory was last known to equal the database. It is compared every second."),
		venues: s.reading("vacancy_view_venues", "Venues in memory (`--max-venues`); the others are loaded when asked for."),
		lagging: s.reading("vacancy_view_lagging_venues",
			"Venues in memory that could not be brought up to date although the database can be read. Their readers are told."),
	}
}

// Read has the view's state shown.
func (v View) Read(freshness func() (stale bool, age time.Duration), venues func() (all, lagging int)) {
	v.stale.from(func() float64 { stale, _ := freshness(); return oneIf(stale) })
	v.age.from(func() float64 { _, age := freshness(); return max(0, age.Seconds()) })
	v.venues.from(func() float64 { all, _ := venues(); return float64(all) })
	v.lagging.from(func() float64 { _, lagging := venues(); return float64(lagging) })
}
