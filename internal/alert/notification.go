package alert

import (
	"encoding/json"
	"time"
)

// Source says which server an alert is from.
type Source struct {
	// Node is the name of the machine. Version is that of the program.
	Node, Version string
}

// notification is an alert as commands and webhooks get it.
type notification struct {
	Key      string   `json:"key"`
	Subject  string   `json:"subject,omitempty"`
	Status   string   `json:"status"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
	Since    string   `json:"since"`
	Resolved string   `json:"resolved_at,omitempty"`
	Runbook  string   `json:"runbook"`
	Node     string   `json:"node"`
	Version  string   `json:"version"`
}

// The states of an alert, as notifications have them.
const (
	statusRaised   = "raised"
	statusResolved = "resolved"
)

func (a Alert) status() string {
	if a.active() {
		return statusRaised
	}
	return statusResolved
}

// encode is an alert as one line of JSON.
func encode(a Alert, from Source) ([]byte, error) {
	n := notification{
		Key: a.Key, Subject: a.Subject, Status: a.status(), Severity: a.Severity, Text: a.Text, Since: a.Since.UTC().Format(time.RFC3339Nano),
		Runbook: "docs/runbook.md#" + a.Key, Node: from.Node, Version: from.Version,
	}
	if !a.active() {
		n.Resolved = a.ResolvedAt.UTC().Format(time.RFC3339Nano)
	}
	body, err := json.Marshal(n)
	return append(body, '\n'), err
}
