-- +goose NO TRANSACTION
-- +goose Up
-- level 1

-- Bookings are written while these are built, and the program before writes them too. An index that a broken build has left is invalid,
-- and goes first.

-- Each answers one count alone. They are found by their conditions and, so that no other query takes them for its own, by their collation.
DROP INDEX CONCURRENTLY IF EXISTS bookings_by_client;
CREATE INDEX CONCURRENTLY bookings_by_client ON bookings (venue COLLATE "POSIX", client_tag, created_at, status) WHERE client_tag <> '';
DROP INDEX CONCURRENTLY IF EXISTS bookings_by_contact;
CREATE INDEX CONCURRENTLY bookings_by_contact ON bookings (venue COLLATE "POSIX", contact_tag, "end", status) WHERE contact_tag <> '';
DROP INDEX CONCURRENTLY IF EXISTS bookings_held;
CREATE INDEX CONCURRENTLY bookings_held ON bookings (venue COLLATE "POSIX", service, start, party_size)
    WHERE status = 'held' AND client_tag <> '';

-- A listing chooses bookings that overlap a period: their ends are in the index that it walks along.
DROP INDEX CONCURRENTLY IF EXISTS bookings_by_period;
CREATE INDEX CONCURRENTLY bookings_by_period ON bookings (venue COLLATE "POSIX", start, id COLLATE "POSIX", status, "end");
DROP INDEX CONCURRENTLY IF EXISTS bookings_by_start;

DROP INDEX CONCURRENTLY IF EXISTS bookings_unconfirmed;
CREATE INDEX CONCURRENTLY bookings_unconfirmed ON bookings (updated_at)
    WHERE status = 'expired' OR (status = 'cancelled' AND cancelled_hold);
