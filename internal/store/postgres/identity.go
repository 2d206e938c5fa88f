package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
	"vacancy/internal/store"
)

// The row that says which database this is; see package failover. Each connection reads it when it is made, each transaction with what it
// finds, and the statement that raises revisions once more.

const (
	// askIdentity is in text, and a transaction of its own; see [ask].
	askIdentity = `SELECT installation, term, id, ids, system_identifier, timeline, relation, closed_by, decided, 'identity'::regclass::oid
		FROM identity WHERE one`

	// openID is the id of the database's term; NULL of one that was closed.
	openID = `(SELECT id FROM identity WHERE one AND closed_by = '')`

	selectFounded = `SELECT EXISTS (SELECT id FROM identity WHERE one)`

	foundIdentity = `
		INSERT INTO identity (installation, term, id, ids, system_identifier, timeline, relation)
		VALUES ($1, 1, $2, $2, $3, $4, ('identity'::regclass::oid)::text) ON CONFLICT DO NOTHING`

	// raiseTerm begins a term if the database is still in the one that was seen, and open. $6 tells whether a person has decided it, who may
	// open what was closed, and go on with a term that is beyond all that the person knows of.
	raiseTerm = `
		UPDATE identity SET
			term = greatest(term, $5) + 1, id = $2, ids = ids || ' ' || $2, system_identifier = $3, timeline = $4,
			relation = ('identity'::regclass::oid)::text, closed_by = '', decided = CASE WHEN $6 THEN greatest(term, $5) + 1 ELSE decided END,
			installation = coalesce($7, installation)
		WHERE one AND id = $1 AND (closed_by = '' OR $6)`

	closeIdentity = `UPDATE identity SET closed_by = $2 WHERE one AND id = $1 AND closed_by = ''`

	logIdentity = `INSERT INTO identity_log (term, id, what, who, reason) SELECT term, id, $1, $2, $3 FROM identity WHERE one`

	// countOlder counts the transactions that began before a database was closed and are not over yet.
	countOlder = `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < $1`
)

// errWrongDatabase ends what was begun on a database that is not, or not any more, the one to write to.
var errWrongDatabase = fmt.Errorf("%w: the connection leads to a database that is not the one in charge", store.ErrUnavailable)

// identityOf reads the answer to [askIdentity], and which table gave it. A database without our tables, or without the row, has none.
func identityOf(a answer) (identity failover.Identity, relation string, err error) {
	switch sqlState(a.err) {
	case undefinedTable, noSchema:
		return identity, "", nil
	}
	if a.err != nil || a.values == nil {
		return identity, "", a.err
	}
	term, err1 := strconv.ParseInt(a.values[1], 10, 64)
	decided, err2 := strconv.ParseInt(a.values[8], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return identity, "", err
	}
	return failover.Identity{
		Installation: a.values[0], Term: term, ID: a.values[2], IDs: strings.Fields(a.values[3]),
		Place:    failover.Place{System: a.values[4], Timeline: a.values[5], Table: a.values[6]},
		ClosedBy: a.values[7], Decided: decided,
	}, a.values[9], nil
}

// placeOf is where the server writes its history. In recovery there is no timeline of its own.
func placeOf(cluster, timeline answer) (failover.Place, error) {
	var place failover.Place
	for _, part := range []struct {
		answer answer
		value  *string
	}{{cluster, &place.System}, {timeline, &place.Timeline}} {
		if err := part.answer.unless("55000"); err != nil {
			return place, err
		}
		*part.value = strings.Join(part.answer.values, " ")
	}
	return place, nil
}

// foundDatabase gives a new database its identity.
func foundDatabase(ctx context.Context, tx pgx.Tx, place failover.Place) error {
	tag, err := tx.Exec(ctx, foundIdentity, newID(), newID(), place.System, place.Timeline)
	if err == nil && tag.RowsAffected() > 0 {
		_, err = tx.Exec(ctx, logIdentity, "founded", "", "")
	}
	return err
}

// beginning is how a term begins.
type beginning struct {
	what, who, reason string
	// above is a term that the new one must be above, and decided tells whether a person wants it.
	above   int64
	decided bool
	// installation is another one that the database belongs to from now on, or empty. What goes to the outside is held back then.
	installation string
}

// newID is random, of 128 bits and more.
func newID() string { return rand.Text() }

// raise begins a term in the database of a connection, if that is still what it was. ok is false if it is not.
func raise(ctx context.Context, conn *pgx.Conn, from failover.Identity, place failover.Place, b beginning) (ok bool, err error) {
	var installation *string
	if b.installation != "" {
		installation = &b.installation
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, raiseTerm, from.ID, newID(), place.System, place.Timeline, b.above, b.decided, installation)
		if ok = tag.RowsAffected() > 0; err != nil || !ok {
			return err
		}
		if _, err = tx.Exec(ctx, logIdentity, b.what, b.who, b.reason); err != nil || b.installation == "" {
			return err
		}
		_, err = tx.Exec(ctx, switchOutbox, "paused", b.who, copyReason(b.reason))
		return err
	})
	return ok, err
}

// copyReason is why what goes to the outside is held back of a copy that was made for a reason.
func copyReason(why string) string {
	return strings.TrimSuffix("the database is a copy: "+why, ": ")
}

// closeDatabase closes the database of a connection, if it is still in its term, whether or not its standbys are there to hear of it, and
// waits for the transactions that were under way, until ctx ends.
func closeDatabase(ctx context.Context, conn *pgx.Conn, from failover.Identity, by string) error {
	closed := false
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL synchronous_commit = local`); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, closeIdentity, from.ID, by)
		if closed = tag.RowsAffected() > 0; err != nil || !closed {
			return err
		}
		_, err = tx.Exec(ctx, logIdentity, "closed", by, "")
		return err
	})
	if err != nil || !closed {
		return err
	}
	return awaitOlder(ctx, conn)
}

// awaitOlder waits until no transaction is left that began before now: it may have read that the database was open. Where others'
// transactions are not shown, nothing is waited for.
func awaitOlder(ctx context.Context, conn *pgx.Conn) error {
	var now any
	if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return err
	}
	for {
		var older int
		err := conn.QueryRow(ctx, countOlder, now).Scan(&older)
		if sqlState(err) == insufficientPrivilege || sqlState(err) == undefinedTable {
			return nil
		}
		if err != nil || older == 0 {
			return err
		}
		if err := pause(ctx, closePoll); err != nil {
			return fmt.Errorf("%d transactions were under way: %w", older, err)
		}
	}
}

// epochFrom is the epoch of a database that is open, which has an identity.
func epochFrom(identity failover.Identity) (booking.Epoch, error) {
	if !identity.Known() {
		return "", &unfitError{"its server does not have the schema any more"}
	}
	return booking.Epoch(identity.Epoch()), nil
}

// badBatch tells of the refusal by which [raiseVenues] says that the database is not the one in charge.
func badBatch(refusal *pgconn.PgError) bool {
	return refusal.Code == notNullViolation && refusal.TableName == "changes" && refusal.ColumnName == "batch"
}
