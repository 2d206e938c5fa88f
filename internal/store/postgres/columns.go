package postgres

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/store/record"
)

// Statements over the columns of [record.Table]. New rows travel as one array for each column, all rows of a transaction in one
// statement.

// parameters are columns as [unnest] takes them: each a name and the type of the array's elements.
func parameters[R any](columns []record.Column[R]) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name + " " + sqlType(c.Kind)
	}
	return list
}

func sqlType(kind record.Kind) string {
	switch kind {
	case record.KindInt:
		return "bigint"
	case record.KindBool:
		return "boolean"
	case record.KindInstant:
		return "timestamptz"
	case record.KindBytes:
		return "bytea"
	default:
		return "text"
	}
}

// unnest is a table named need, of the rows whose columns are the parameters from $1. Functions in a list of columns go hand in hand;
// in FROM each would fill a table of its own, which costs 3 us a column and statement.
func unnest(list ...string) string {
	arrays := make([]string, len(list))
	for i, parameter := range list {
		name, kind, _ := strings.Cut(parameter, " ")
		arrays[i] = fmt.Sprintf("unnest($%d::%s[]) AS %s", i+1, kind, name)
	}
	return "(SELECT " + strings.Join(arrays, ", ") + ") AS need"
}

// unnestRows is unnest for all columns of a table.
func unnestRows[R any](t record.Table[R]) string { return unnest(parameters(t.Columns)...) }

// arrays are the values of rows for [unnestRows].
func arrays[R any](t record.Table[R], rows []*R) []any {
	values := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		values[i] = c.Values(rows)
	}
	return values
}

// insertRows inserts what unnestRows is given.
func insertRows[R any](t record.Table[R]) string {
	return "INSERT INTO " + t.Name + " (" + t.Names("") + ") SELECT " + t.Names("") + " FROM " + unnestRows(t)
}

// insertRow inserts one row, whose values are the parameters; see [record.Append].
func insertRow[R any](t record.Table[R]) string {
	values := make([]string, len(t.Columns))
	for i := range values {
		values[i] = "$" + strconv.Itoa(i+1)
	}
	return "INSERT INTO " + t.Name + " (" + t.Names("") + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// upsertRow inserts one row, or changes the one of its key.
func upsertRow[R any](t record.Table[R]) string {
	changing := t.Changing()
	return insertRow(t) + " ON CONFLICT (" + t.KeyNames() + ") DO UPDATE SET (" + record.Names("", changing) + ") = (" +
		record.Names("excluded.", changing) + ")"
}

// assignments set each of the columns to that of another table.
func assignments[R any](from string, columns []record.Column[R]) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name + " = " + from + c.Name
	}
	return strings.Join(list, ", ")
}

// scanRow reads the columns of a row, and of others behind them.
func scanRow[R any](rows pgx.Rows, columns []record.Column[R], row *R, others ...any) error {
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

// instant scans a timestamptz; of NULL, the zero time.
type instant time.Time

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (t *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*t = instant(v.Time)
	return nil
}

// digest scans a bytea of a SHA-256.
type digest [sha256.Size]byte

// ScanBytes implements [pgtype.BytesScanner].
func (d *digest) ScanBytes(b []byte) error {
	if len(b) != len(d) {
		return fmt.Errorf("a digest of %d bytes", len(b))
	}
	copy(d[:], b)
	return nil
}
