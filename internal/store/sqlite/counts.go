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

// What the limits on places count by. Each count has an index of its own, which has the tagged bookings alone.
const (
	// The needs are pairs of venue and the beginning of tags, in which no character is above a tilde. Of each, the counts come as a list.
	countByClient = `
		SELECT need.value ->> 0, need.value ->> 1, (
			SELECT json_group_array(json_object('Service', service, 'Held', held, 'All', live, 'People', people)) FROM (
				SELECT service, count(*) FILTER (WHERE status = 'held') AS held, count(*) AS live, sum(party_size) AS people FROM (
					SELECT service, status, party_size FROM bookings INDEXED BY bookings_by_client
					WHERE venue = need.value ->> 0 AND client_tag >= need.value ->> 1 AND client_tag < (need.value ->> 1) || '~'
						AND client_tag <> '' AND created_at > ?2 AND status IN ('held', 'confirmed')
					LIMIT ?3
				) GROUP BY service
			)
		) FROM json_each(?1) need`

	countByContact = `
		SELECT need.value ->> 0, need.value ->> 1, count(*)
		FROM json_each(?1) need
		CROSS JOIN bookings b INDEXED BY bookings_by_contact
			ON b.venue = need.value ->> 0 AND b.contact_tag = need.value ->> 1 AND b."end" > ?2
		WHERE b.contact_tag <> '' AND b.status IN ('held', 'confirmed')
		GROUP BY need.key`

	// The needs are venue, service and the bounds of the starts. All claims of a hold are active.
	sumHolds = `
		SELECT need.key, c.resource, c.start, c."end", sum(c.units)
		FROM json_each(?1) need
		CROSS JOIN bookings b INDEXED BY bookings_held
			ON b.venue = need.value ->> 0 AND b.service = need.value ->> 1 AND b.start >= need.value ->> 2 AND b.start < need.value ->> 3
		CROSS JOIN claims c ON c.booking = b.id AND c.venue = b.venue
		WHERE b.status = 'held' AND b.client_tag <> ''
		GROUP BY need.key, c.resource, c.start, c."end"`

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
	}
	if err := f.holds(ctx); err != nil {
		return err
	}
	enough := store.EnoughBookings(f.needs)
	if enough == 0 {
		enough = -1 // no limit
	}
	err := f.countTags(ctx, clients, func(rows *sql.Rows) error {
		var venue booking.VenueID
		var tag, list string
		if err := rows.Scan(&venue, &tag, &list); err != nil || list == "[]" {
			return err
		}
		found := &f.found[f.at[venue]]
		if found.Clients == nil {
			found.Clients = make(map[string][]store.Live)
		}
		var counts []store.Live
		err := json.Unmarshal([]byte(list), &counts)
		found.Clients[tag] = counts
		return err
	}, countByClient, record.Micros(f.now.Add(-booking.ClientTagTTL)), enough)
	if err != nil {
		return err
	}
	return f.countTags(ctx, contacts, func(rows *sql.Rows) error {
		var venue booking.VenueID
		var tag string
		var live int
		if err := rows.Scan(&venue, &tag, &live); err != nil {
			return err
		}
		found := &f.found[f.at[venue]]
		if found.Contacts == nil {
			found.Contacts = make(map[string]int)
		}
		found.Contacts[tag] = live
		return nil
	}, countByContact, record.Micros(f.now))
}

// holds reads what the holds of tagged clients claim, for all ranges of all needs at once.
func (f *finder) holds(ctx context.Context) error {
	var ranges [][4]any
	var answers []*[]booking.Claim
	for i, need := range f.needs {
		if !f.found[i].Exists || len(need.Holds) == 0 {
			continue
		}
		f.found[i].Holds = make([][]booking.Claim, len(need.Holds))
		for j, r := range need.Holds {
			ranges = append(ranges, [4]any{need.Venue, r.Service, record.Micros(r.From), record.Micros(r.To)})
			answers = append(answers, &f.found[i].Holds[j])
		}
	}
	if len(ranges) == 0 {
		return nil
	}
	list, err := json.Marshal(ranges)
	if err != nil {
		return err
	}
	return f.each(ctx, func(rows *sql.Rows) error {
		var at int
		var c booking.Claim
		if err := rows.Scan(&at, &c.Resource, (*instant)(&c.Start), (*instant)(&c.End), &c.Units); err != nil {
			return err
		}
		*answers[at] = append(*answers[at], c)
		return nil
	}, sumHolds, string(list))
}

// countTags counts for pairs of venue and tag. The other parameters come behind the pairs.
func (f *finder) countTags(ctx context.Context, pairs [][2]string, visit func(*sql.Rows) error, text string, others ...any) error {
	if len(pairs) == 0 {
		return nil
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	return f.each(ctx, visit, text, append([]any{string(list)}, others...)...)
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
