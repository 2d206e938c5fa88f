package postgres

import (
	"fmt"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// New rows travel as one array for each column, all rows of a transaction in one statement. A field is a column and its type.
var (
	// Of changes, and whether their venue was made by them.
	changeFields = []string{
		"venue text", "revision bigint", "created bool", "batch text", "committed_at timestamptz", "entries text",
	}
	bookingFields = []string{
		"venue text", "id text", "service text", "status text", "start timestamptz", `"end" timestamptz`, "wall_start text",
		"party_size int", "expires_at timestamptz", "extensions int", "customer_name text", "customer_email text",
		"customer_phone text", "customer_note text", "token_hash bytea", "created_at timestamptz", "updated_at timestamptz",
		"revision bigint",
	}
	claimFields = []string{
		"venue text", "booking text", "place int", "resource text", "start timestamptz", `"end" timestamptz`, "units int", "active bool",
	}
	answerFields = []string{"venue text", "key bytea", "request bytea", "sealed bytea", "created_at timestamptz", "revision bigint"}
)

// columns are the names of fields, each behind the prefix.
func columns(prefix string, fields []string) string {
	names := make([]string, len(fields))
	for i, field := range fields {
		name, _, _ := strings.Cut(field, " ")
		names[i] = prefix + name
	}
	return strings.Join(names, ", ")
}

// unnest is a table named need, of the rows whose columns are the parameters from $1. Functions in a list of columns go hand in hand;
// in FROM each would fill a table of its own, which costs 3 us a column and statement.
func unnest(fields ...string) string {
	arrays := make([]string, len(fields))
	for i, field := range fields {
		name, kind, _ := strings.Cut(field, " ")
		arrays[i] = fmt.Sprintf("unnest($%d::%s[]) AS %s", i+1, kind, name)
	}
	return "(SELECT " + strings.Join(arrays, ", ") + ") AS need"
}

// insertInto inserts what unnest is given.
func insertInto(table string, fields []string) string {
	return "INSERT INTO " + table + " (" + columns("", fields) + ") SELECT " + columns("", fields) + " FROM " + unnest(fields...)
}

type bookingRows struct {
	venue, id, service, status, wallStart, name, email, phone, note []string

	start, end, created, updated []time.Time

	expires               []*time.Time
	partySize, extensions []int
	token                 [][]byte
	revision              []int64
}

func (r *bookingRows) add(b *booking.Booking) {
	r.venue, r.id = append(r.venue, string(b.Venue)), append(r.id, string(b.ID))
	r.service, r.status = append(r.service, string(b.Service)), append(r.status, string(b.Status))
	r.start, r.end, r.wallStart = append(r.start, b.Start), append(r.end, b.End), append(r.wallStart, b.WallStart)
	r.partySize, r.extensions = append(r.partySize, b.PartySize), append(r.extensions, b.Extensions)
	var expires *time.Time
	if !b.ExpiresAt.IsZero() {
		expires = &b.ExpiresAt
	}
	r.expires = append(r.expires, expires)
	r.name, r.email = append(r.name, b.Customer.Name), append(r.email, b.Customer.Email)
	r.phone, r.note = append(r.phone, b.Customer.Phone), append(r.note, b.Customer.Note)
	r.token = append(r.token, b.TokenHash[:])
	r.created, r.updated = append(r.created, b.CreatedAt), append(r.updated, b.UpdatedAt)
	r.revision = append(r.revision, int64(b.Revision))
}

// values are in the order of bookingFields.
func (r *bookingRows) values() []any {
	return []any{
		r.venue, r.id, r.service, r.status, r.start, r.end, r.wallStart, r.partySize, r.expires, r.extensions, r.name, r.email, r.phone,
		r.note, r.token, r.created, r.updated, r.revision,
	}
}

type claimRows struct {
	venue, booking, resource []string

	start, end   []time.Time
	place, units []int
	active       []bool
}

func (r *claimRows) add(b *booking.Booking) {
	for place, c := range b.Claims {
		r.venue, r.booking, r.place = append(r.venue, string(b.Venue)), append(r.booking, string(b.ID)), append(r.place, place)
		r.resource, r.start, r.end = append(r.resource, string(c.Resource)), append(r.start, c.Start), append(r.end, c.End)
		r.units, r.active = append(r.units, c.Units), append(r.active, b.Status.Claims())
	}
}

// values are in the order of claimFields.
func (r *claimRows) values() []any {
	return []any{r.venue, r.booking, r.place, r.resource, r.start, r.end, r.units, r.active}
}

type answerRows struct {
	venue                []string
	key, request, sealed [][]byte
	created              []time.Time
	revision             []int64
}

func (r *answerRows) add(w *store.Write) {
	for i := range w.Answers {
		a := &w.Answers[i]
		r.venue, r.created = append(r.venue, string(w.Change.Venue)), append(r.created, a.CreatedAt)
		r.key, r.request, r.sealed = append(r.key, a.Key[:]), append(r.request, a.Request[:]), append(r.sealed, a.Sealed)
		r.revision = append(r.revision, int64(w.Change.Revision))
	}
}

// values are in the order of answerFields.
func (r *answerRows) values() []any {
	return []any{r.venue, r.key, r.request, r.sealed, r.created, r.revision}
}

type changeRows struct {
	venue, batch, entries []string
	revision              []int64
	created               []bool
	committed             []time.Time
}

func (r *changeRows) add(change booking.Change, exists bool, entries []byte) {
	r.venue, r.revision = append(r.venue, string(change.Venue)), append(r.revision, int64(change.Revision))
	r.created, r.batch = append(r.created, !exists), append(r.batch, change.Batch)
	r.committed, r.entries = append(r.committed, change.CommittedAt), append(r.entries, string(entries))
}

// values are in the order of changeFields.
func (r *changeRows) values() []any {
	return []any{r.venue, r.revision, r.created, r.batch, r.committed, r.entries}
}

type touchedRows struct {
	venue, resource []string
	revision        []int64
}

func (r *touchedRows) add(change booking.Change, id booking.ResourceID) {
	r.venue, r.resource = append(r.venue, string(change.Venue)), append(r.resource, string(id))
	r.revision = append(r.revision, int64(change.Revision))
}

type revisionRows struct {
	venue    []string
	revision []int64
}

func (r *revisionRows) add(venue booking.VenueID, revision booking.Revision) {
	r.venue, r.revision = append(r.venue, string(venue)), append(r.revision, int64(revision))
}
