package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// A copy of the file that was put back holds another history than the one that readers have seen, though it names the same epoch, and
// once enough was booked, the same revisions. So each start and each end of a server leaves a new random token in the database and in
// the lock file beside it, and so does the first booking of each minute between, for copies that were taken from a running server. With
// the token, the database is told which file it is in, and which state of the lock file holds the token. Where any of these differs at
// the next start, this is not the file that was used here last, and it gets another epoch:
//
//   - a copy that is put back alone has an old token, or one of another file;
//   - one that is put back with its lock file finds that to be another, or the same but written since.
//
// Not noticed are a whole volume that is rolled back, on which everything is as it was; and, after a crash, a copy of the same minute.
// Who rolls a volume back removes the lock file.
//
// A copy that stands elsewhere than the original, or has taken its place as another file, is told from the rest as well: see
// [copyDetector.elsewhere]. What goes to the outside is held back of it.
//
// Epochs are in order, so that whoever has seen two can tell which is the later: each has a term, and that of a copy is higher than all
// that the file and the lock file know of. A token says the term: the file that is put back may know less than the lock file beside it.
//
// The lock file is written first and the database second, so a crash between gives a new epoch for nothing. That is harmless: readers
// load anew, once. So does moving the files, and whatever else makes the lock file look touched.

// lastToken is what the database knows of the last token.
type lastToken struct {
	token, file, lock string
}

// copyDetector leaves tokens, by which a copy is told from the file that was used last. It belongs to whoever has the writer's turn.
type copyDetector struct {
	lock *os.File
	file os.FileInfo
	left time.Time
	// term is that of the epoch.
	term int64
}

// copied says why the file is not the one that was used here last, or "".
func (m *copyDetector) copied(last lastToken) (why string, err error) {
	info, err := m.lock.Stat()
	if err != nil {
		return "", err
	}
	token, err := io.ReadAll(io.NewSectionReader(m.lock, 0, info.Size()))
	if err != nil {
		return "", fmt.Errorf("cannot read its lock file: %w", err)
	}
	switch {
	case last == lastToken{} && len(token) == 0:
		return "", nil // versions that left no tokens had it last
	case len(token) == 0:
		return "there was no lock file beside it", nil
	case string(token) != last.token:
		return "its lock file has another token", nil
	case identity(m.file) != last.file:
		return "it is another file", nil
	case state(info) != last.lock:
		return "its lock file was written or moved", nil
	}
	return "", nil
}

// elsewhere tells of a file that is not the one used last whether it was copied, and not only found to be touched: the lock file has not
// come along, or the file is another one. The device is not asked: it may have another number after each start of the machine. A file that
// was written over in its place cannot be told from one whose server has crashed between its two tokens, which is no copy.
func (m *copyDetector) elsewhere(last lastToken) (bool, error) {
	info, err := m.lock.Stat()
	if err != nil {
		return false, err
	}
	_, was, known := strings.Cut(last.file, ":")
	_, is, _ := strings.Cut(identity(m.file), ":")
	return info.Size() == 0 || known && was != is, nil
}

// tokenLength is that of [rand.Text], which older programs leave: they write a token over another, and are to leave nothing behind it.
const tokenLength = 26

// newToken is the term in seven digits, a hyphen and 90 random bits.
func newToken(term int64) string {
	text := fmt.Sprintf("%07s-", strings.ToUpper(strconv.FormatInt(term, 36)))
	return text + rand.Text()[:tokenLength-len(text)]
}

// termOf is the term that a token says, 0 if it says none.
func termOf(token string) int64 {
	text, _, _ := strings.Cut(token, "-")
	term, err := strconv.ParseInt(text, 36, 64)
	if err != nil || !strings.Contains(token, "-") {
		return 0
	}
	return term
}

// lockTerm is the term of the epoch that the lock file was left with, 0 if it says none.
func (m *copyDetector) lockTerm() (int64, error) {
	token := make([]byte, tokenLength)
	n, err := m.lock.ReadAt(token, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("cannot read its lock file: %w", err)
	}
	return termOf(string(token[:n])), nil
}

// leave writes a new token into the lock file, and returns what the database must be told of it.
func (m *copyDetector) leave() (next lastToken, err error) {
	next = lastToken{token: newToken(m.term), file: identity(m.file)}
	if _, err := m.lock.WriteAt([]byte(next.token), 0); err != nil {
		return lastToken{}, err
	}
	if err := m.lock.Sync(); err != nil {
		return lastToken{}, err
	}
	info, err := m.lock.Stat()
	if err != nil {
		return lastToken{}, err
	}
	next.lock, m.left = state(info), time.Now()
	return next, nil
}

// renew leaves a token in the transaction of a connection. If it is not committed after all, the tokens differ until the next one.
func (m *copyDetector) renew(ctx context.Context, c *connection) error {
	next, err := m.leave()
	if err != nil {
		return fmt.Errorf("%w: its lock file cannot be written: %w", store.ErrUnavailable, err)
	}
	_, err = c.exec(ctx, `UPDATE meta SET (mark, file_identity, lock_identity) = (?1, ?2, ?3)`, next.token, next.file, next.lock)
	return classify(err)
}

// open reads the epoch, and gives a database that is new or a copy another one. It always writes, and so fails on a file that cannot
// be written.
//
// Of a copy that stands elsewhere, what goes to the outside is held back in the same transaction, so that it is never open in between.
func (m *copyDetector) open(ctx context.Context, db *sql.DB, now int64) (epoch booking.Epoch, why string, err error) {
	var last lastToken
	var known int64 // the highest term that the file knows of
	elsewhere := false
	err = db.QueryRowContext(ctx, selectEpoch).Scan(&epoch, &last.token, &last.file, &last.lock, &known)
	isNew := errors.Is(err, sql.ErrNoRows)
	if err != nil && !isNew {
		return "", "", err
	}
	if !isNew {
		if why, err = m.copied(last); err != nil {
			return "", "", err
		}
		if why == "" && epoch.Term() < known {
			why = "a program that counts no terms took it for a copy"
		} else if why != "" {
			if elsewhere, err = m.elsewhere(last); err != nil {
				return "", "", err
			}
		}
	}
	if m.term = max(known, epoch.Term()); isNew || why != "" {
		beside, err := m.lockTerm()
		if err != nil {
			return "", "", err
		}
		m.term = max(m.term, beside) + 1
		epoch = newEpoch(m.term)
	}
	next, err := m.leave()
	if err != nil {
		return "", "", fmt.Errorf("cannot write to its lock file: %w", err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = tx.Rollback() }() // nothing is left of it, or all was committed
	if elsewhere {
		_, err := tx.ExecContext(ctx, switchOutbox, now, "paused", "a server that was started on it", "the database is a copy: "+why)
		if err != nil {
			return "", "", err
		}
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO meta (one, epoch, created_at, opened_at, mark, file_identity, lock_identity) VALUES (1, ?1, ?2, ?2, ?3, ?4, ?5)
		ON CONFLICT (one) DO UPDATE SET (epoch, opened_at, mark, file_identity, lock_identity) =
		(excluded.epoch, excluded.opened_at, excluded.mark, excluded.file_identity, excluded.lock_identity)`,
		string(epoch), now, next.token, next.file, next.lock)
	if err == nil {
		err = tx.Commit()
	}
	return epoch, why, err
}

// selectEpoch reads which epoch there is, and what was left with it. Of terms, events that were sent remember the highest.
const selectEpoch = `
	SELECT epoch, mark, file_identity, lock_identity, coalesce((SELECT max(term) FROM outbox_cursors), 0) FROM meta`

// newEpoch is the term in base 36, a hyphen and 65 random bits in the form of an id, without dots: it is part of positions.
func newEpoch(term int64) booking.Epoch {
	return booking.Epoch(strconv.FormatInt(term, 36) + "-" + strings.ToLower(rand.Text()[:13]))
}

// readEpoch is the first thing that is read in a transaction, and fixes what it sees.
func readEpoch(ctx context.Context, c *connection) (epoch booking.Epoch, err error) {
	err = c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&epoch) }, `SELECT epoch FROM meta`)
	return epoch, err
}
