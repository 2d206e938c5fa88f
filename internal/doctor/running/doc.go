// Package running collects for `vacancy doctor` what the server that runs on this machine shows of itself: its metrics, as Prometheus gets
// them. It sends no key, so it asks only where none is needed.
package running
