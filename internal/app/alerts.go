package app

import (
	"log/slog"

	"vacancy/internal/alert"
	"vacancy/internal/config"
	"vacancy/internal/telemetry"
)

// newAlerts makes what tells people of what needs them, by the means that the configuration names.
func newAlerts(c config.Config, log *slog.Logger, meter telemetry.Alerts) *alert.Tracker {
	from := alert.Source{Node: nodeName(), Version: Version()}
	var notifiers []alert.Notifier
	if c.AlertCommand != "" {
		notifiers = append(notifiers, alert.Command(c.AlertCommand, from))
	}
	if c.AlertWebhook != "" {
		notifiers = append(notifiers, alert.Webhook(c.AlertWebhook, from, nil))
	}
	return alert.New(alert.Config{Log: log, Meter: meter, Notifiers: notifiers})
}
