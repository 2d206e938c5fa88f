package store

import (
	"fmt"
	"slices"
	"strings"

	"vacancy/internal/booking"
)

// Schema is what is there, or must be: the columns of each table, and the names of the indexes.
type Schema struct {
	Tables  map[string][]string
	Indexes []string
}

// Missing says in one sentence what a schema lacks of this one, or nothing.
func (s Schema) Missing(found Schema) error {
	var missing []string
	for table, columns := range s.Tables {
		there, ok := found.Tables[table]
		if !ok {
			missing = append(missing, "table "+table)
			continue
		}
		for _, column := range columns {
			if !slices.Contains(there, column) {
				missing = append(missing, "column "+table+"."+column)
			}
		}
	}
	for _, index := range s.Indexes {
		if !slices.Contains(found.Indexes, index) {
			missing = append(missing, "index "+index)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("its schema is not the one that its version says: it lacks %s. It was made by a build that was never released, "+
		"or changed by hand: restore a backup, or add what is missing", strings.Join(missing, ", "))
}

// NewerSchema refuses a schema of a version that this program does not know and may not run on.
func NewerSchema(current, known int64, needs, level booking.Level) error {
	if needs == 0 {
		return fmt.Errorf("its schema has version %d, this program knows versions up to %d, and it is not recorded whether it may run on "+
			"what a newer one has made", current, known)
	}
	return fmt.Errorf("its schema has version %d, on which only programs of level %d or above may run; this one has level %d, and knows "+
		"versions up to %d", current, needs, level, known)
}
