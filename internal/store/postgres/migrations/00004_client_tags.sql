-- +goose Up
-- level 1

-- Who is counted by the limits on places: keyed tags, while a booking is live; '' is not counted. Where limits are off, no index has an
-- entry.
ALTER TABLE bookings ADD COLUMN client_tag text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE bookings ADD COLUMN contact_tag text COLLATE "C" NOT NULL DEFAULT '';

-- Who ended the booking: 'customer', 'venue' or 'system'; '' of one that has not ended, or was ended by an older version.
ALTER TABLE bookings ADD COLUMN ended_by text COLLATE "C" NOT NULL DEFAULT '';

-- Each answers one count alone. They are found by their conditions and, so that no other query takes them for its own, by their collation.
CREATE INDEX bookings_by_client ON bookings (venue COLLATE "POSIX", client_tag, created_at, status) WHERE client_tag <> '';
CREATE INDEX bookings_by_contact ON bookings (venue COLLATE "POSIX", contact_tag, "end", status) WHERE contact_tag <> '';
CREATE INDEX bookings_held ON bookings (venue COLLATE "POSIX", service, start, party_size) WHERE status = 'held' AND client_tag <> '';

-- The service's own limits on places, as JSON; what is left out has its default.
ALTER TABLE services ADD COLUMN limits text NOT NULL DEFAULT '{}';

-- What client tags are keyed with. It is made when it is needed first.
ALTER TABLE meta ADD COLUMN client_secret text NOT NULL DEFAULT '';
