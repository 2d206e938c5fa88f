package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// An answer is found by a key that is random by nature. An index over it in the file would have each answer touch a page of its own:
// of the 140 pages that a commit of 64 bookings wrote, 84 were that index's. So the file has the answers in the order in which they
// were given, with the beginnings of their keys in rows beside them, one row for each change; and the writer, of which there is one,
// has those in memory.

// keyStart is the beginning of an answer's key. Two keys that begin alike would be a collision of 128 bits of SHA-256, for which there
// is no way known but to try 2^64 keys; the store takes the second for a repeat of the first's key and refuses it.
type keyStart [16]byte

// noKey stands where an answer was that is gone.
var noKey keyStart

func startOf(key booking.AnswerKey) keyStart { return keyStart(key[:len(keyStart{})]) }

// answerIndex finds the ids of answers. It follows the transaction of the writer's connection, and belongs to it: after a failure that
// cost the connection, it is read anew. A million answers take 20 to 40 MB; to read them takes 0.24 s of CPU if they were given 27 in a
// change, and 1.2 s one by one.
type answerIndex struct {
	ids  map[booking.VenueID]map[keyStart]int64
	next int64
	// undo is how to get back to what was committed, the last first.
	undo []answerID
}

// answerID is what the index says, or said, of a key; zero is that there is no answer.
type answerID struct {
	venue booking.VenueID
	start keyStart
	id    int64
}

const selectAnswerKeys = `SELECT first, venue, keys FROM answer_keys ORDER BY first`

// readAnswerIndex reads the index.
func readAnswerIndex(ctx context.Context, c *connection) (*answerIndex, error) {
	x := &answerIndex{ids: make(map[booking.VenueID]map[keyStart]int64), next: 1}
	err := c.each(ctx, func(rows *sql.Rows) error {
		var id int64
		var venue, keys sql.RawBytes
		if err := rows.Scan(&id, &venue, &keys); err != nil {
			return err
		}
		of := x.ids[booking.VenueID(venue)]
		if of == nil {
			of = make(map[keyStart]int64)
			x.ids[booking.VenueID(venue)] = of
		}
		for start := range slices.Chunk(keys, len(keyStart{})) {
			if keyStart(start) != noKey {
				of[keyStart(start)] = id
			}
			id++
		}
		x.next = id
		return nil
	}, selectAnswerKeys)
	return x, err
}

// set says that a key has an answer, or with zero, none.
func (x *answerIndex) set(a answerID) {
	x.undo = append(x.undo, answerID{a.venue, a.start, x.ids[a.venue][a.start]})
	x.insert(a)
}

func (x *answerIndex) insert(a answerID) {
	of := x.ids[a.venue]
	switch {
	case a.id != 0 && of == nil:
		x.ids[a.venue] = map[keyStart]int64{a.start: a.id}
	case a.id != 0:
		of[a.start] = a.id
	default:
		delete(of, a.start)
		if len(of) == 0 {
			delete(x.ids, a.venue)
		}
	}
}

// committed and undone end the transaction. Ids are not given again.
func (x *answerIndex) committed() { x.undo = x.undo[:0] }

func (x *answerIndex) undone() {
	for _, was := range slices.Backward(x.undo) {
		x.insert(was)
	}
	x.undo = x.undo[:0]
}

var selectAnswer = `SELECT ` + record.Answers.Names("") + ` FROM answers WHERE id = ?1`

const (
	deleteAnswer = `DELETE FROM answers WHERE id = ?1`

	blankKey = `
		UPDATE answer_keys
		SET keys = CAST(substr(keys, 1, 16 * (?1 - first)) || zeroblob(16) || substr(keys, 16 * (?1 - first) + 17) AS BLOB)
		WHERE first = (SELECT max(first) FROM answer_keys WHERE first <= ?1)`
)

// dropAnswer deletes an answer from the file.
func (c *connection) dropAnswer(ctx context.Context, id int64) error {
	if _, err := c.exec(ctx, deleteAnswer, id); err != nil {
		return err
	}
	_, err := c.exec(ctx, blankKey, id)
	return err
}

// readAnswer reads an answer that the index knows.
func readAnswer(ctx context.Context, c *connection, id int64) (answer booking.Answer, err error) {
	err = readRows(ctx, c, record.Answers, func(r *record.AnswerRow) error {
		answer = r.Answer
		return nil
	}, selectAnswer, id)
	return answer, err
}

// find reads the answer to a key, if there is one, however old.
func (x *answerIndex) find(
	ctx context.Context, c *connection, venue booking.VenueID, key booking.AnswerKey,
) (a booking.Answer, ok bool, err error) {
	id := x.ids[venue][startOf(key)]
	if id == 0 {
		return a, false, nil
	}
	if a, err = readAnswer(ctx, c, id); err != nil {
		return a, false, err
	}
	return a, a.Key == key, nil
}

// add makes the rows of a change's answers. Only an answer that is past its lifetime gives way to another of its key.
func (x *answerIndex) add(ctx context.Context, c *connection, r *newRows, change booking.Change, answers []booking.Answer) error {
	if len(answers) == 0 {
		return nil
	}
	first := x.next
	starts := make([]byte, 0, len(answers)*len(keyStart{}))
	r.answers = slices.Grow(r.answers, len(answers)*insertAnswers.columns)
	oldest := answers[0].CreatedAt
	for _, a := range answers {
		start := startOf(a.Key)
		if id := x.ids[change.Venue][start]; id != 0 {
			if id >= first {
				return store.Rejected("two answers for one key")
			}
			earlier, err := readAnswer(ctx, c, id)
			if err != nil {
				return fmt.Errorf("read an earlier answer: %w", classify(err))
			}
			if !earlier.CreatedAt.Before(a.CreatedAt.Add(-booking.AnswerLifetime)) {
				return store.Rejected("an answer's key has one already")
			}
			if err := c.dropAnswer(ctx, id); err != nil {
				return fmt.Errorf("delete an old answer: %w", classify(err))
			}
		}
		x.set(answerID{change.Venue, start, x.next})
		a.Revision = change.Revision
		r.answers = appendRow(append(r.answers, x.next), record.Answers.Columns, &record.AnswerRow{Venue: change.Venue, Answer: a})
		x.next++
		starts = append(starts, start[:]...)
		if a.CreatedAt.Before(oldest) {
			oldest = a.CreatedAt
		}
	}
	r.answerKeys = append(r.answerKeys, first, string(change.Venue), starts, record.Micros(oldest))
	return nil
}
