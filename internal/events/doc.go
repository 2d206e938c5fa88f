// Package events says what the outside is told of a venue: which events its changes make, and those that time alone makes. It is pure:
// changes, a picture and a time go in, events come out. The relay carries them to a bus, and the feed to whoever asks.
//
//	told, err := events.OfChanges(events.Input{Epoch: epoch, Changes: changes, Picture: picture, Now: now})
//	opened, date := events.DayOpened(picture, cursor.Opened, now)  // after the events of all changes that there are
//	check := events.Checkpoint(picture, now)                       // when that which NextDue has named has come
//	cursor.DueAt = events.NextDue(picture, now, cursor.DueAt, cursor.Checked)
//
// A change of a booking makes one event, which has the whole state of the booking. What is available is told by service: the starts that
// the changes may have altered, with their values in the picture. So the events of many changes that a picture covers are merged into one,
// and say at which revision their values hold. An edit of the catalogue makes no such list, but the advice to read anew.
//
// A consumer keeps, of each booking and each slot, what has the highest term, revision and index. It then needs neither order nor a memory
// of what it has seen. No event has personal data.
//
// The room imports bus, view, availability, schedule, booking, and live/wire for the JSON of a slot: the one that GET answers with.
package events
