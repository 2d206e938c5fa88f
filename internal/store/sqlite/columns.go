package sqlite

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vacancy/internal/store/record"
)

// Statements over the columns of [record.Table]. Instants are Unix microseconds.

// appendRow appends what a row has in the columns, as the file keeps it.
func appendRow[R any](values []any, columns []record.Column[R], row *R) []any {
	for i := range columns {
		values = append(values, valueOf(&columns[i], row))
	}
	return values
}

func valueOf[R any](c *record.Column[R], row *R) any {
	// An instant that is there is taken from its field: to hand it out as a value would allocate it first.
	if t, ok := c.Field(row).(*time.Time); ok && !t.IsZero() {
		return record.Micros(*t)
	}
	value := c.Value(row)
	if t, ok := value.(time.Time); ok {
		return record.Micros(t)
	}
	return value
}

// scanRow reads the columns of a row, and of others behind them.
func scanRow[R any](rows *sql.Rows, columns []record.Column[R], row *R, others ...any) error {
	fields := make([]any, 0, len(columns)+len(others))
	for i := range columns {
		switch field := columns[i].Field(row).(type) {
		case *time.Time:
			fields = append(fields, (*instant)(field))
		case *[sha256.Size]byte:
			fields = append(fields, (*digest)(field))
		default:
			fields = append(fields, field)
		}
	}
	return rows.Scan(append(fields, others...)...)
}

// instant scans microseconds; of NULL, the zero time.
type instant time.Time

// Scan implements [sql.Scanner].
func (t *instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*t = instant{}
	case int64:
		*t = instant(record.Instant(v))
	default:
		return fmt.Errorf("an instant that is a %T", v)
	}
	return nil
}

// digest scans a SHA-256.
type digest [sha256.Size]byte

// Scan implements [sql.Scanner].
func (d *digest) Scan(v any) error {
	b, _ := v.([]byte)
	if len(b) != len(d) {
		return fmt.Errorf("a digest of %d bytes", len(b))
	}
	copy(d[:], b)
	return nil
}

// insertInto inserts rows of a table, with a tail behind the values.
func insertInto[R any](t record.Table[R], tail string) insertion {
	return newInsertion("INSERT INTO "+t.Name+" ("+t.Names("")+")", len(t.Columns), tail)
}

// upsertInto inserts a row, or changes the one of its key.
func upsertInto[R any](t record.Table[R]) string {
	return insertInto(t, onConflictUpdate(t)).one
}

// onConflictUpdate changes the row of the same key.
func onConflictUpdate[R any](t record.Table[R]) string {
	changing := t.Changing()
	return " ON CONFLICT (" + t.KeyNames() + ") DO UPDATE SET (" + record.Names("", changing) + ") = (" +
		record.Names("excluded.", changing) + ")"
}

// updateIn changes the row of a key, which stands first among the parameters; see [updateArgs]. It makes one more assignment.
func updateIn[R any](t record.Table[R], assignment string) string {
	changing := t.Changing()
	values := make([]string, len(changing))
	for i := range values {
		values[i] = "?" + strconv.Itoa(t.Key+1+i)
	}
	key := make([]string, t.Key)
	for i := range key {
		key[i] = t.Columns[i].Name + " = ?" + strconv.Itoa(i+1)
	}
	return "UPDATE " + t.Name + " SET (" + record.Names("", changing) + ") = (" + strings.Join(values, ", ") + "), " + assignment + " WHERE " +
		strings.Join(key, " AND ")
}

func updateArgs[R any](t record.Table[R], changing []record.Column[R], row *R) []any {
	return appendRow(appendRow(make([]any, 0, t.Key+len(changing)), t.Columns[:t.Key], row), changing, row)
}
