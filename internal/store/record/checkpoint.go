package record

import (
	"encoding/json"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// CheckpointRow is a [store.Checkpoint] of a venue, with all but its revision as JSON.
type CheckpointRow struct {
	Venue    booking.VenueID
	Revision booking.Revision
	JSON     string
}

type checkpointState struct {
	Entries json.RawMessage                         `json:"entries"`
	Most    map[booking.ResourceID]int              `json:"most"`
	Touched map[booking.ResourceID]booking.Revision `json:"touched"`
}

// NewCheckpointRow is the row of a checkpoint.
func NewCheckpointRow(venue booking.VenueID, c store.Checkpoint) (*CheckpointRow, error) {
	entries, err := EncodeEntries(c.Entries)
	if err != nil {
		return nil, fmt.Errorf("encode its settings: %w", err)
	}
	row := &CheckpointRow{Venue: venue, Revision: c.Revision}
	return row, encode(checkpointState{Entries: entries, Most: c.Most, Touched: c.Touched}, &row.JSON)
}

// Decoded is the checkpoint of a row that was read.
func (r *CheckpointRow) Decoded() (store.Checkpoint, error) {
	var state checkpointState
	if err := json.Unmarshal([]byte(r.JSON), &state); err != nil {
		return store.Checkpoint{}, store.Damaged(err, "checkpoint of venue %s", r.Venue)
	}
	entries, err := DecodeEntries(state.Entries, r.Venue)
	if err != nil {
		return store.Checkpoint{}, store.Damaged(err, "checkpoint of venue %s", r.Venue)
	}
	return store.Checkpoint{Revision: r.Revision, Entries: entries, Most: state.Most, Touched: state.Touched}, nil
}

// AuditRow is the row of what is remembered of a change that is deleted.
func AuditRow(c booking.Change) (*ChangeRow, error) { return NewChangeRow(store.Audited(c)) }
