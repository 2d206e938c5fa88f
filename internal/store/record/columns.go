package record

import (
	"crypto/sha256"
	"strings"
	"time"
)

// Kind is what a column holds. Each store has a type of its own for it.
type Kind int

// The kinds of columns.
const (
	KindText Kind = iota
	KindInt
	KindBool
	KindInstant
	KindBytes
)

// Column is one column of a table, over the rows that a store writes and reads.
type Column[R any] struct {
	// Name is as SQL has it, in quotes where it is a word of SQL.
	Name string
	Kind Kind
	// Fixed columns are written when the row is inserted, and never changed.
	Fixed bool
	// Value is what a row has there: a string, int64, bool, [time.Time] or []byte, or nil for NULL.
	Value func(*R) any
	// Field is where a value that is read goes: a pointer to a field of the row.
	Field func(*R) any
	// Values are those of many rows, as a list of the value's type; of pointers to it where there may be NULL.
	Values func([]*R) any
}

// Table is a table's name and columns, of which the first are its key.
type Table[R any] struct {
	Name    string
	Key     int
	Columns []Column[R]
}

// Names lists all columns, each behind the prefix.
func (t Table[R]) Names(prefix string) string { return Names(prefix, t.Columns) }

// KeyNames lists the columns of the key.
func (t Table[R]) KeyNames() string { return Names("", t.Columns[:t.Key]) }

// Changing are the columns that an update may change.
func (t Table[R]) Changing() []Column[R] {
	var changing []Column[R]
	for _, c := range t.Columns[t.Key:] {
		if !c.Fixed {
			changing = append(changing, c)
		}
	}
	return changing
}

// Names lists columns, each behind the prefix.
func Names[R any](prefix string, columns []Column[R]) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = prefix + c.Name
	}
	return strings.Join(names, ", ")
}

// Append appends what a row has in the columns.
func Append[R any](values []any, columns []Column[R], row *R) []any {
	for i := range columns {
		values = append(values, columns[i].Value(row))
	}
	return values
}

func fixed[R any](c Column[R]) Column[R] {
	c.Fixed = true
	return c
}

func text[R any, S ~string](name string, field func(*R) *S) Column[R] {
	return column(name, KindText, field, func(v S) string { return string(v) })
}

func integer[R any, N ~int | ~int64 | ~uint64](name string, field func(*R) *N) Column[R] {
	return column(name, KindInt, field, func(v N) int64 { return int64(v) })
}

func flag[R any](name string, field func(*R) *bool) Column[R] {
	return column(name, KindBool, field, func(v bool) bool { return v })
}

func instant[R any](name string, field func(*R) *time.Time) Column[R] {
	return column(name, KindInstant, field, func(v time.Time) time.Time { return v })
}

func digest[R any](name string, field func(*R) *[sha256.Size]byte) Column[R] {
	c := column(name, KindBytes, field, func(v [sha256.Size]byte) []byte { return v[:] })
	c.Value = func(r *R) any { return field(r)[:] } // without a copy
	return c
}

func bytes[R any](name string, field func(*R) *[]byte) Column[R] {
	return column(name, KindBytes, field, func(v []byte) []byte { return v })
}

func column[R, V, S any](name string, kind Kind, field func(*R) *V, stored func(V) S) Column[R] {
	return Column[R]{
		Name: name, Kind: kind,
		Value: func(r *R) any { return stored(*field(r)) },
		Field: func(r *R) any { return field(r) },
		Values: func(rows []*R) any {
			values := make([]S, len(rows))
			for i, r := range rows {
				values[i] = stored(*field(r))
			}
			return values
		},
	}
}

// orNull is a column in which a field that is nil is NULL.
func orNull[R, V any](name string, kind Kind, field func(*R) **V) Column[R] {
	c := column(name, kind, field, func(v *V) *V { return v })
	c.Value = func(r *R) any {
		if v := *field(r); v != nil {
			return *v
		}
		return nil
	}
	return c
}

// instantOrNull is a column in which the zero time is NULL.
func instantOrNull[R any](name string, field func(*R) *time.Time) Column[R] {
	c := column(name, KindInstant, field, func(v time.Time) *time.Time {
		if v.IsZero() {
			return nil
		}
		return &v
	})
	c.Value = func(r *R) any {
		if v := *field(r); !v.IsZero() {
			return v
		}
		return nil
	}
	return c
}
