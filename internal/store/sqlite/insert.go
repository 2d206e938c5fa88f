package sqlite

import (
	"context"
	"strings"
)

// insertion is an INSERT of one row, and one of several rows.
type insertion struct {
	columns   int
	one, many string
}

func newInsertion(head string, columns int, tail string) insertion {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return insertion{
		columns: columns,
		one:     head + " VALUES " + row + tail,
		many:    head + " VALUES " + row + strings.Repeat(", "+row, rowsPerInsert-1) + tail,
	}
}

// insert inserts rows, whose values stand one after the other.
func (c *connection) insert(ctx context.Context, in insertion, values []any) error {
	for len(values) > 0 {
		text, n := in.one, in.columns
		if len(values) >= in.columns*rowsPerInsert {
			text, n = in.many, in.columns*rowsPerInsert
		}
		if _, err := c.exec(ctx, text, values[:n]...); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
