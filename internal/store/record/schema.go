package record

import (
	"slices"
	"strings"

	"vacancy/internal/store"
)

// Schema is what every store's database has: the tables of this room, and some that are too small to be listed by column. A store
// adds what is its own.
func Schema() store.Schema {
	return store.Schema{Tables: map[string][]string{
		Bookings.Name:    Bookings.plainNames(),
		Claims.Name:      Claims.plainNames(),
		Changes.Name:     Changes.plainNames(),
		Answers.Name:     Answers.plainNames(),
		Audit.Name:       Audit.plainNames(),
		Checkpoints.Name: Checkpoints.plainNames(),
		Venues.Name:      append(Venues.plainNames(), "needs"),
		Resources.Name:   Resources.plainNames(),
		Services.Name:    Services.plainNames(),
		Webhooks.Name:    Webhooks.plainNames(),
		Deliveries.Name:  append(Deliveries.plainNames(), "number"),
		Cursors.Name:     Cursors.plainNames(),
		"outbox_buses":   {"name", "registered_at", "seen_at"},
		"touched":        {"venue", "resource", "revision"},
		"keys":           {"name", "hash", "created_at"},
		"schema_levels":  {"version", "level"},
	}}
}

// With adds columns of tables, and indexes.
func With(s store.Schema, tables map[string][]string, indexes ...string) store.Schema {
	for table, columns := range tables {
		s.Tables[table] = slices.Concat(s.Tables[table], columns)
	}
	s.Indexes = append(s.Indexes, indexes...)
	return s
}

// plainNames are the columns as the catalogue of a database has them.
func (t Table[R]) plainNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = strings.Trim(c.Name, `"`)
	}
	return names
}
