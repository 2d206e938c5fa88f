// Package alert tells people of conditions that need one: which alerts are active on this node, and who is told when one begins and ends.
//
// A room that finds such a condition declares the interface that it needs, and package app hands the [Tracker] in:
//
//	// Alerts tells the operator of what needs a person.
//	type Alerts interface {
//		Warning(key, text string)
//		Critical(key, text string)
//		Resolve(key string)
//	}
//
//	alerts.Critical("database_second_writable", "db1 and db2 are both written to: nothing is written until one is chosen")
//	alerts.Resolve("database_second_writable")
//
// A check that finds all that is wrong at once says so by [Tracker.Set], with a subject where one key can be true of several hosts:
//
//	alerts.Set("database", []alert.Alert{{Key: "standby_lags", Subject: "db2", Severity: alert.Warning, Text: "db2 is 40 s behind"}})
//
// The key names the condition, never the node, the time or a number: ten nodes that see the same raise the same key, and a receiver makes
// one alert of them. It is made of a-z, 0-9 and _, is a constant, and has a section in docs/runbook.md. Raising an active alert again
// costs little and tells nobody, so a check that runs every second may simply raise or resolve what it finds. Another severity is told.
// The text is one sentence for a person, names the two sides where there are two, and holds no secret; see [Redact]. What has happened
// and is over, as a switch to a standby, is an alert for as long as it is not as it was.
//
// None of the methods blocks or does I/O beyond a line of the log: they may be called under a lock, and before [Tracker.Start].
// Each alert is a line of the log and the metric vacancy_alert_active{key,severity} whether or not anybody is told besides.
//
// Who is told besides are the [Notifier]s, a command or a webhook. Each has a queue of its own that holds the newest state of each key, so
// a slow one holds nobody up and a flapping condition fills nothing.
//
// Of a database that is a copy nobody is told besides, until somebody says so: see [Tracker.Pause].
//
// It imports no other room.
package alert
