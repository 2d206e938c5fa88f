package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// What the limits on places count by. Each count has an index of its own, which has the tagged bookings alone, and is found by its
// condition and collation; of two that would do, by the order that it has and that is asked for, whatever is known of the tables.
var (
	// The needs are the beginnings of tags, in which no character is above a tilde.
	countByClient = `
		SELECT need.venue, need.tag, b.service, b.held, b.live, b.people FROM ` + unnest("venue text", "tag text") + `
		CROSS JOIN LATERAL (
			SELECT service, count(*) FILTER (WHERE status = 'held') AS held, count(*) AS live, sum(party_size) AS people FROM (
				SELECT service, status, party_size FROM bookings
				WHERE venue COLLATE "POSIX" = need.venue AND client_tag >= need.tag AND client_tag < need.tag || '~' AND client_tag <> ''
					AND created_at > coalesce($3::timestamptz, statement_timestamp()) - $4::interval AND status IN ('held', 'confirmed')
				ORDER BY client_tag LIMIT $5::bigint
			) enough
			GROUP BY service
		) b`

	countByContact = `
		SELECT need.venue, need.tag, b.live FROM ` + unnest("venue text", "tag text") + `
		CROSS JOIN LATERAL (
			SELECT count(*) AS live FROM bookings
			WHERE venue COLLATE "POSIX" = need.venue AND contact_tag = need.tag AND contact_tag <> ''
				AND "end" > coalesce($3::timestamptz, statement_timestamp()) AND status IN ('held', 'confirmed')
		) b`

	// The needs are numbered, and have the bounds of the starts. All claims of a hold are active.
	sumHolds = `
		SELECT need.number, h.resource, h.start, h."end", h.units
		FROM ` + unnest("number bigint", "venue text", "service text", "since timestamptz", "before timestamptz") + `
		CROSS JOIN LATERAL (
			SELECT c.resource, c.start, c."end", sum(c.units) AS units
			FROM (
				SELECT venue, id FROM bookings
				WHERE venue COLLATE "POSIX" = need.venue AND service = need.service AND start >= need.since AND start < need.before
					AND status = 'held' AND client_tag <> ''
				ORDER BY start OFFSET 0
			) b JOIN ` + claimsOfEach + `
			GROUP BY c.resource, c.start, c."end"
		) h`
)

const (
	// Bookings that a transaction is changing at the same time are left for the next time.
	eraseClientTags = `
		UPDATE bookings SET client_tag = '' WHERE ctid = ANY (ARRAY (
			SELECT ctid FROM bookings
			WHERE client_tag <> '' AND created_at <= coalesce($1::timestamptz, statement_timestamp()) - $2::interval
			LIMIT $3 FOR UPDATE SKIP LOCKED))`

	// Whoever ends a booking erases its tags, but for a program that does not know them. The question is answered by the indexes alone.
	hasEndedTagged = `
		SELECT EXISTS (
			SELECT FROM bookings WHERE client_tag <> '' AND status IN ('completed', 'no_show', 'expired', 'cancelled')
		) OR EXISTS (
			SELECT FROM bookings WHERE contact_tag <> '' AND status IN ('completed', 'no_show', 'expired', 'cancelled'))`
	eraseEndedClients = `
		UPDATE bookings SET client_tag = '', contact_tag = '' WHERE ctid = ANY (ARRAY (
			SELECT ctid FROM bookings
			WHERE client_tag <> '' AND status IN ('completed', 'no_show', 'expired', 'cancelled')
			LIMIT $1 FOR UPDATE SKIP LOCKED))`
	eraseEndedContacts = `
		UPDATE bookings SET client_tag = '', contact_tag = '' WHERE ctid = ANY (ARRAY (
			SELECT ctid FROM bookings
			WHERE contact_tag <> '' AND status IN ('completed', 'no_show', 'expired', 'cancelled')
			LIMIT $1 FOR UPDATE SKIP LOCKED))`

	makeTagKey   = `UPDATE meta SET client_secret = $1 WHERE client_secret = ''`
	selectTagKey = `SELECT client_secret FROM meta`
)

func (f *finder) queueCounts() {
	var enough *int // nil: no limit
	if n := store.EnoughBookings(f.needs); n > 0 {
		enough = &n
	}
	f.queueTags(countByClient, func(n store.Need) []string { return n.Clients }, func(rows pgx.Rows) error {
		var venue booking.VenueID
		var tag string
		var live store.Live
		if err := rows.Scan(&venue, &tag, &live.Service, &live.Held, &live.All, &live.People); err != nil {
			return err
		}
		found := &f.found[f.at[venue]]
		if found.Clients == nil {
			found.Clients = make(map[string][]store.Live)
		}
		found.Clients[tag] = append(found.Clients[tag], live)
		return nil
	}, booking.ClientTagTTL, enough)
	f.queueTags(countByContact, func(n store.Need) []string { return n.Contacts }, func(rows pgx.Rows) error {
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
	})
	f.queueHolds()
}

// queueHolds queues what the holds of tagged clients claim, for all ranges of all needs at once.
func (f *finder) queueHolds() {
	var numbers []int64
	var venues, services []string
	var since, before []time.Time
	var answers []*[]booking.Claim
	for i, need := range f.needs {
		if len(need.Holds) > 0 {
			f.found[i].Holds = make([][]booking.Claim, len(need.Holds))
		}
		for j, r := range need.Holds {
			numbers, answers = append(numbers, int64(len(answers))), append(answers, &f.found[i].Holds[j])
			venues, services = append(venues, string(need.Venue)), append(services, string(r.Service))
			since, before = append(since, r.From), append(before, r.To)
		}
	}
	if len(answers) == 0 {
		return
	}
	f.batch.Queue(sumHolds, numbers, venues, services, since, before).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var number int64
			var c booking.Claim
			if err := rows.Scan(&number, &c.Resource, (*instant)(&c.Start), (*instant)(&c.End), &c.Units); err != nil {
				return err
			}
			*answers[number] = append(*answers[number], c)
		}
		return rows.Err()
	})
}

// queueTags queues the count of the tags of all needs. The other parameters come behind the clock.
func (f *finder) queueTags(text string, tags func(store.Need) []string, visit func(pgx.Rows) error, others ...any) {
	var venues, list []string
	for _, need := range f.needs {
		for _, tag := range tags(need) {
			venues, list = append(venues, string(need.Venue)), append(list, tag)
		}
	}
	if len(list) == 0 {
		return
	}
	f.batch.Queue(text, append([]any{venues, list, f.clock}, others...)...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := visit(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// EraseTags erases tags that are counted no more.
func (s *Store) EraseTags(ctx context.Context, limit int) (erased int, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		erase := func(statement string, args ...any) error {
			tag, err := c.conn.Exec(ctx, statement, append(args, max(limit-erased, 0))...)
			erased += int(tag.RowsAffected())
			return err
		}
		if err := erase(eraseClientTags, s.clock(), booking.ClientTagTTL); err != nil {
			return err
		}
		var more bool
		if err := c.conn.QueryRow(ctx, hasEndedTagged).Scan(&more); err != nil || !more {
			return err
		}
		if err := erase(eraseEndedClients); err != nil {
			return err
		}
		return erase(eraseEndedContacts)
	})
	if err != nil {
		return 0, fmt.Errorf("erase tags: %w", classify(err))
	}
	return erased, nil
}

// ClientSecret is what client tags are keyed with. Of nodes that ask at once, one makes it, and the others find it.
func (s *Store) ClientSecret(ctx context.Context) (secret string, err error) {
	read := func(c *session) error { return c.conn.QueryRow(ctx, selectTagKey).Scan(&secret) }
	if err = s.use(ctx, read); err == nil && secret == "" {
		err = s.useReserved(ctx, func(c *session) error {
			if _, err := c.conn.Exec(ctx, makeTagKey, rand.Text()); err != nil {
				return err
			}
			return read(c)
		})
	}
	if err != nil {
		return "", fmt.Errorf("the secret of client tags: %w", classify(err))
	}
	return secret, nil
}
