package doctor

import (
	"fmt"

	"vacancy/internal/doctor/facts"
)

// Level is how much a finding matters.
type Level string

// Levels, from what is as it should be to what must not be.
const (
	// OK: a promise holds.
	OK Level = "ok"
	// Note is worth knowing, and may be meant so.
	Note Level = "note"
	// Warning: something may be lost, or stop, on a bad day.
	Warning Level = "warning"
	// Problem: bookings are refused, or may be lost or sold twice, as it is.
	Problem Level = "problem"
)

// rank orders levels: the worst has the highest.
func (l Level) rank() int {
	switch l {
	case Problem:
		return 3
	case Warning:
		return 2
	case Note:
		return 1
	default:
		return 0
	}
}

// Finding is what a check has found.
type Finding struct {
	// Check is the name of the check.
	Check string `json:"check"`
	Level Level  `json:"level"`
	// Subject is what it is true of, such as a host; empty if there is nothing to tell apart.
	Subject string `json:"subject,omitempty"`
	// Text is one sentence, and Do what to do; that is empty where nothing is to be done.
	Text string `json:"text"`
	Do   string `json:"do,omitempty"`
	// Link is the section of the documentation that says more.
	Link string `json:"link"`
}

// Check judges one thing.
type Check struct {
	Name string
	// Run is pure. It returns nothing where the check does not apply, or the facts that it needs are not there.
	Run func(*facts.Facts) []Finding
}

// found makes a finding. What to do about it is added by [Finding.todo].
func found(level Level, link, subject, format string, args ...any) Finding {
	return Finding{Level: level, Link: link, Subject: subject, Text: fmt.Sprintf(format, args...)}
}

// todo adds what to do.
func (f Finding) todo(format string, args ...any) Finding {
	f.Do = fmt.Sprintf(format, args...)
	return f
}
