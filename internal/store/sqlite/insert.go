package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
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

// insert inserts rows, whose values stand one after the other. They are of the driver's own types.
func (c *connection) insert(ctx context.Context, in insertion, values []any) error {
	for len(values) > 0 {
		text, n := in.one, in.columns
		if len(values) >= in.columns*rowsPerInsert {
			text, n = in.many, in.columns*rowsPerInsert
		}
		if err := c.insertChunk(ctx, text, values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// insertChunk runs an INSERT on the driver itself. database/sql would copy each of the thousands of values of a batch, and look at what
// type it has.
func (c *connection) insertChunk(ctx context.Context, text string, values []any) error {
	c.args = c.args[:0]
	for i, v := range values {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	defer clear(c.args)
	return c.conn.Raw(func(conn any) error {
		stmt := c.inserts[text]
		if stmt == nil {
			var err error
			if stmt, err = prepareOn(ctx, conn, text); err != nil {
				return err
			}
			c.inserts[text] = stmt
		}
		_, err := stmt.ExecContext(ctx, c.args)
		return err
	})
}

// driverStatement is a statement of the driver that the store uses.
type driverStatement interface {
	driver.Stmt
	driver.StmtExecContext
}

func prepareOn(ctx context.Context, conn any, text string) (driverStatement, error) {
	preparer, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("a connection that is a %T", conn)
	}
	stmt, err := preparer.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	usable, ok := stmt.(driverStatement)
	if !ok {
		return nil, fmt.Errorf("a statement that is a %T", stmt)
	}
	return usable, nil
}
