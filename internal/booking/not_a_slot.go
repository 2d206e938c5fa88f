package booking

import (
	"fmt"
	"strings"
	"time"
)

// NotASlotReason is why no slot of a service starts at a time.
type NotASlotReason string

// The reasons, in the words of the API.
const (
	// ReasonOffGrid: it is open, but the starts are at other times.
	ReasonOffGrid NotASlotReason = "off_grid"
	// ReasonClosed: nothing that the service needs is open at the start.
	ReasonClosed NotASlotReason = "closed"
	// ReasonPastClosing: a booking that starts then would end after the closing.
	ReasonPastClosing NotASlotReason = "past_closing"
	// ReasonSkippedTime: the start was given as a time that the venue's clock never shows, since it was put forward over it. The instant
	// has another time there, at which no slot starts either.
	ReasonSkippedTime NotASlotReason = "skipped_time"
)

// NotASlot is an ErrNotASlot that tells the reason, and where the starts are.
type NotASlot struct {
	Reason NotASlotReason
	// Asked is the start as it was asked for, with the offset that it came with. Start is the same instant and End the end of a booking
	// that starts then, both in the venue's zone.
	Asked, Start, End time.Time
	// Closing is when what is open at the start closes; zero if nothing is open then.
	Closing time.Time
	// Step is the time from a start to the next, and FirstStart the time of day that they are counted from. FirstStart is "" unless all
	// that is open at the start agrees on it.
	Step       time.Duration
	FirstStart string
	// Nearest are the starts just before and just after the one asked for, as far as there are any within a step, or within the opening.
	// They may be taken.
	Nearest []time.Time
	// Hours are the periods that begin on the start's date, and Exception tells whether an exception says so. Only if nothing is open at
	// the start.
	Hours     []Period
	Exception bool
}

// Unwrap makes it an ErrNotASlot.
func (*NotASlot) Unwrap() error { return ErrNotASlot }

func (e *NotASlot) Error() string {
	text := "no slot starts at " + e.Start.Format(time.RFC3339) + ": "
	if e.Reason == ReasonSkippedTime {
		text += fmt.Sprintf("the clock skips %s on %s, and shows %s at that instant; ",
			e.Asked.Format("15:04"), DateOf(e.Asked), e.Start.Format("15:04"))
	}
	switch {
	case e.Closing.IsZero():
		return text + "nothing that the service needs is open then; " + e.hoursText()
	case e.End.After(e.Closing):
		return text + "a booking would end at " + e.End.Format(time.RFC3339) + ", after the closing at " +
			e.Closing.Format(time.RFC3339) + e.nearestText("; ")
	case e.FirstStart == "":
		return text + "it is not one of the starts" + e.nearestText("; ")
	}
	return text + "starts are every " + minutesText(e.Step) + " from " + e.FirstStart + e.nearestText("; ")
}

// hoursText says when it is open on the start's date.
func (e *NotASlot) hoursText() string {
	date := DateOf(e.Start).String()
	if e.Exception {
		date += ", which is an exception to the weekly hours,"
	}
	if len(e.Hours) == 0 {
		return "no opening begins on " + strings.TrimSuffix(date, ",")
	}
	periods := make([]string, len(e.Hours))
	for i, p := range e.Hours {
		periods[i] = p.String()
	}
	return "the hours of " + date + " are " + strings.Join(periods, ", ")
}

// nearestText names the nearest starts, behind a separator; "" if there are none.
func (e *NotASlot) nearestText(separator string) string {
	starts := make([]string, len(e.Nearest))
	for i, t := range e.Nearest {
		starts[i] = t.Format(time.RFC3339)
	}
	switch len(starts) {
	case 0:
		return ""
	case 1:
		return separator + "the nearest is " + starts[0]
	}
	return separator + "the nearest are " + strings.Join(starts, " and ")
}

func minutesText(d time.Duration) string {
	if d == time.Minute {
		return "minute"
	}
	return fmt.Sprintf("%d minutes", int(d/time.Minute))
}
