-- +goose Up

-- What a commit costs is the pages that it touches: each is written, with its neighbours' rows, to the log and later to the file. Keys
-- that are random touch a page for each row, and keys that begin with the venue one for each venue of a transaction. Foreign keys are
-- not enforced any more either: the store writes whole changes, which it has checked.

-- What tells a copy that was put back from the file that was used last; see mark.go.
ALTER TABLE meta ADD COLUMN mark TEXT NOT NULL DEFAULT '';
ALTER TABLE meta ADD COLUMN file_identity TEXT NOT NULL DEFAULT '';
ALTER TABLE meta ADD COLUMN lock_identity TEXT NOT NULL DEFAULT '';

-- Answers are only appended. Their keys are random; see answers.go for how one is found.
CREATE TABLE new_answers (
    id         INTEGER PRIMARY KEY,
    venue      TEXT    NOT NULL,
    key        BLOB    NOT NULL CHECK (length(key) = 32),
    request    BLOB    NOT NULL CHECK (length(request) = 32),
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL -- of the change that the request made; 0: an older version gave the answer
) STRICT;

INSERT INTO new_answers (venue, key, request, sealed, created_at, revision)
SELECT venue, key, request, sealed, created_at, 0 FROM answers ORDER BY created_at;

DROP TABLE answers;
ALTER TABLE new_answers RENAME TO answers;

-- The beginnings of the keys of answers that were given together.
CREATE TABLE answer_keys (
    first      INTEGER PRIMARY KEY, -- the id of the first answer; those of the others follow
    venue      TEXT    NOT NULL,
    keys       BLOB    NOT NULL CHECK (length(keys) > 0 AND length(keys) % 16 = 0),
    created_at INTEGER NOT NULL -- of the oldest that is left
) STRICT;

INSERT INTO answer_keys (first, venue, keys, created_at) SELECT id, venue, substr(key, 1, 16), created_at FROM answers;

CREATE INDEX answer_keys_by_age ON answer_keys (created_at);

-- Ids of bookings begin with the time. The venue is still part of each key: an id alone reaches nothing.
CREATE TABLE new_bookings (
    venue          TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    service        TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('held', 'confirmed', 'completed', 'no_show', 'expired', 'cancelled')),
    start          INTEGER NOT NULL,
    "end"          INTEGER NOT NULL,
    wall_start     TEXT    NOT NULL,
    party_size     INTEGER NOT NULL CHECK (party_size > 0),
    expires_at     INTEGER, -- of holds only
    extensions     INTEGER NOT NULL CHECK (extensions >= 0),
    customer_name  TEXT    NOT NULL,
    customer_email TEXT    NOT NULL,
    customer_phone TEXT    NOT NULL,
    customer_note  TEXT    NOT NULL,
    token_hash     BLOB    NOT NULL CHECK (length(token_hash) = 32),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    PRIMARY KEY (id, venue),
    CHECK ("end" > start),
    CHECK ((status = 'held') = (expires_at IS NOT NULL))
) STRICT;

INSERT INTO new_bookings (venue, id, service, status, start, "end", wall_start, party_size, expires_at, extensions, customer_name,
    customer_email, customer_phone, customer_note, token_hash, created_at, updated_at, revision)
SELECT venue, id, service, status, start, "end", wall_start, party_size, expires_at, extensions, customer_name,
    customer_email, customer_phone, customer_note, token_hash, created_at, updated_at, revision
FROM bookings ORDER BY rowid;

CREATE TABLE new_claims (
    venue    TEXT    NOT NULL,
    booking  TEXT    NOT NULL,
    place    INTEGER NOT NULL, -- in the booking's list of claims
    resource TEXT    NOT NULL,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    units    INTEGER NOT NULL CHECK (units > 0),
    active   INTEGER NOT NULL CHECK (active IN (0, 1)),
    PRIMARY KEY (booking, venue, place),
    CHECK ("end" > start)
) STRICT, WITHOUT ROWID;

INSERT INTO new_claims (venue, booking, place, resource, start, "end", units, active)
SELECT venue, booking, place, resource, start, "end", units, active FROM claims ORDER BY booking, venue, place;

DROP TABLE claims;
DROP TABLE bookings;
ALTER TABLE new_bookings RENAME TO bookings;
ALTER TABLE new_claims RENAME TO claims;

-- A service is touched by its own edits and by whatever touches a resource that it requires, which is found when it is loaded.
CREATE TABLE new_touched (
    venue    TEXT    NOT NULL,
    resource TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (venue, resource)
) STRICT, WITHOUT ROWID;

INSERT INTO new_touched (venue, resource, revision) SELECT venue, id, revision FROM touched WHERE kind = 'resource';

DROP TABLE pool_members;
DROP TABLE touched;
ALTER TABLE new_touched RENAME TO touched;

CREATE INDEX bookings_by_start ON bookings (venue, start, id, status);
CREATE INDEX bookings_due ON bookings (expires_at, venue) WHERE status = 'held';
CREATE INDEX claims_active ON claims (venue, "end", resource, start, units) WHERE active = 1;
