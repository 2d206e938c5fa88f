package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// What the limits on places count by. Each count is answered by an index of its own, which has the tagged bookings alone.
const (
	// The needs are pairs of venue and tag. To group by their keys, and not by what they hold, takes half the time.
	countByClient = `
		SELECT need.value ->> 0, need.value ->> 1, count(*) FILTER (WHERE b.status = 'held'), count(*)
		FROM json_each(?1) need
		CROSS JOIN bookings b INDEXED BY bookings_by_client
			ON b.venue = need.value ->> 0 AND b.client_tag = need.value ->> 1 AND b.created_at > ?2
		WHERE b.client_tag <> '' AND b.status IN ('held', 'confirmed')
		GROUP BY need.key`

	countByContact = `
		SELECT need.value ->> 0, need.value ->> 1, count(*)
		FROM json_each(?1) need
		CROSS JOIN bookings b INDEXED BY bookings_by_contact
			ON b.venue = need.value ->> 0 AND b.contact_tag = need.value ->> 1 AND b."end" > ?2
		WHERE b.contact_tag <> '' AND b.status IN ('held', 'confirmed')
		GROUP BY need.key`

	countHolds = `
		SELECT count(*), coalesce(sum(party_size), 0) FROM bookings INDEXED BY bookings_held
		WHERE venue = ?1 AND service = ?2 AND start >= ?3 AND start < ?4 AND status = 'held' AND client_tag <> ''`

	eraseClientTags = `
		UPDATE bookings SET client_tag = '' WHERE rowid IN (
			SELECT rowid FROM bookings INDEXED BY bookings_by_client WHERE client_tag <> '' AND created_at <= ?1 LIMIT ?2)`

	// Whoever ends a booking erases its tags, but for a program that does not know them. The status is in both indexes. Which there are is
	// read beside the writer.
	selectEndedTagged = `
		SELECT rowid FROM bookings INDEXED BY bookings_by_client
			WHERE client_tag <> '' AND status IN ('completed', 'no_show', 'expired', 'cancelled')
		UNION SELECT rowid FROM bookings INDEXED BY bookings_by_contact
			WHERE contact_tag <> '' AND status IN ('completed', 'no_show', 'expired', 'cancelled')
		LIMIT ?1`
	eraseEndedTags = `
		UPDATE bookings SET client_tag = '', contact_tag = ''
		WHERE rowid IN (SELECT value FROM json_each(?1)) AND status IN ('completed', 'no_show', 'expired', 'cancelled')`

	makeTagKey   = `UPDATE meta SET client_secret = ?1 WHERE client_secret = ''`
	selectTagKey = `SELECT client_secret FROM meta`
)

func (f *finder) counts(ctx context.Context) error {
	var clients, contacts [][2]string
	for i, need := range f.needs {
		if !f.found[i].Exists {
			continue
		}
		for _, tag := range need.Clients {
			clients = append(clients, [2]string{string(need.Venue), tag})
		}
		for _, tag := range need.Contacts {
			contacts = append(contacts, [2]string{string(need.Venue), tag})
		}
		for _, r := range need.Holds {
			var held store.Held
			err := f.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&held.Bookings, &held.People) }, countHolds,
				string(need.Venue), string(r.Service), record.Micros(r.From), record.Micros(r.To))
			if err != nil {
				return err
			}
			f.found[i].Holds = append(f.found[i].Holds, held)
		}
	}
	err := f.countTags(ctx, clients, countByClient, record.Micros(f.now.Add(-booking.ClientTagTTL)),
		func(rows *sql.Rows, venue *booking.VenueID, tag *string) error {
			var live store.Live
			if err := rows.Scan(venue, tag, &live.Held, &live.All); err != nil {
				return err
			}
			found := &f.found[f.at[*venue]]
			if found.Clients == nil {
				found.Clients = make(map[string]store.Live)
			}
			found.Clients[*tag] = live
			return nil
		})
	if err != nil {
		return err
	}
	return f.countTags(ctx, contacts, countByContact, record.Micros(f.now),
		func(rows *sql.Rows, venue *booking.VenueID, tag *string) error {
			var live int
			if err := rows.Scan(venue, tag, &live); err != nil {
				return err
			}
			found := &f.found[f.at[*venue]]
			if found.Contacts == nil {
				found.Contacts = make(map[string]int)
			}
			found.Contacts[*tag] = live
			return nil
		})
}

// countTags counts for pairs of venue and tag, since an instant.
func (f *finder) countTags(
	ctx context.Context, pairs [][2]string, text string, since int64, visit func(*sql.Rows, *booking.VenueID, *string) error,
) error {
	if len(pairs) == 0 {
		return nil
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	return f.each(ctx, func(rows *sql.Rows) error {
		var venue booking.VenueID
		var tag string
		return visit(rows, &venue, &tag)
	}, text, string(list), since)
}

// EraseTags erases tags that are counted no more.
func (s *Store) EraseTags(ctx context.Context, limit int) (erased int, err error) {
	limit = max(limit, 0)
	if erased, err = s.eraseClientTags(ctx, limit); err != nil || erased >= limit {
		return erased, err
	}
	more, err := s.eraseEndedTags(ctx, limit-erased)
	return erased + more, err
}

// eraseEndedTags erases the tags of bookings that have ended.
func (s *Store) eraseEndedTags(ctx context.Context, limit int) (erased int, err error) {
	ended := []int64{}
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error {
			var row int64
			err := rows.Scan(&row)
			ended = append(ended, row)
			return err
		}, selectEndedTagged, limit)
	})
	if err != nil || len(ended) == 0 {
		return 0, classify(err)
	}
	list, err := json.Marshal(ended)
	if err != nil {
		return 0, err
	}
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		n, err := c.exec(ctx, eraseEndedTags, string(list))
		if err != nil {
			return false, fmt.Errorf("erase tags of ended bookings: %w", classify(err))
		}
		erased = int(n)
		return erased > 0, nil
	})
	if err != nil {
		return 0, err
	}
	return erased, nil
}

// eraseClientTags erases client tags that are past their time.
func (s *Store) eraseClientTags(ctx context.Context, limit int) (erased int, err error) {
	before := record.Micros(s.now().Add(-booking.ClientTagTTL))
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		n, err := c.exec(ctx, eraseClientTags, before, limit)
		if err != nil {
			return false, fmt.Errorf("erase client tags: %w", classify(err))
		}
		erased = int(n)
		return erased > 0, nil
	})
	if err != nil {
		return 0, err
	}
	return erased, nil
}

// ClientSecret is what client tags are keyed with.
func (s *Store) ClientSecret(ctx context.Context) (secret string, err error) {
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		made, err := c.exec(ctx, makeTagKey, rand.Text())
		if err != nil {
			return false, fmt.Errorf("make a secret for client tags: %w", classify(err))
		}
		return made > 0, c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&secret) }, selectTagKey)
	})
	return secret, err
}
