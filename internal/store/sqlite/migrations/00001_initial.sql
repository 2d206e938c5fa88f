-- +goose Up

-- All instants are Unix microseconds. Every table is keyed by the venue first, so that no query can reach across tenants by
-- accident. Ids compare as bytes (BINARY, SQLite's default).

CREATE TABLE meta (
    one        INTEGER PRIMARY KEY CHECK (one = 1), -- there is one row
    epoch      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    opened_at  INTEGER NOT NULL -- written at each start, which proves that the file can be written
) STRICT;

-- The venue row: revision is the counter of the venue's changes, settings_revision the last of them that changed the row itself.
CREATE TABLE venues (
    id                TEXT    PRIMARY KEY,
    revision          INTEGER NOT NULL CHECK (revision > 0),
    name              TEXT    NOT NULL,
    time_zone         TEXT    NOT NULL,
    contact_email     TEXT    NOT NULL,
    contact_phone     TEXT    NOT NULL,
    allowed_origins   TEXT    NOT NULL, -- JSON
    settings_revision INTEGER NOT NULL,
    archived          INTEGER NOT NULL CHECK (archived IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE resources (
    venue    TEXT    NOT NULL REFERENCES venues (id),
    id       TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    capacity INTEGER NOT NULL CHECK (capacity > 0),
    schedule TEXT    NOT NULL, -- JSON
    revision INTEGER NOT NULL,
    archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
    PRIMARY KEY (venue, id)
) STRICT;

-- Lengths are whole minutes.
CREATE TABLE services (
    venue          TEXT    NOT NULL REFERENCES venues (id),
    id             TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    price_amount   TEXT, -- NULL: none is shown
    price_currency TEXT,
    color          TEXT    NOT NULL,
    duration       INTEGER NOT NULL CHECK (duration > 0),
    step           INTEGER NOT NULL CHECK (step > 0),
    buffer_before  INTEGER NOT NULL CHECK (buffer_before >= 0),
    buffer_after   INTEGER NOT NULL CHECK (buffer_after >= 0),
    min_notice     INTEGER NOT NULL CHECK (min_notice >= 0),
    horizon_days   INTEGER NOT NULL,
    party_min      INTEGER NOT NULL CHECK (party_min > 0),
    party_max      INTEGER NOT NULL CHECK (party_max >= party_min),
    hold_for       INTEGER NOT NULL CHECK (hold_for > 0),
    limited_below  INTEGER, -- NULL: less than half
    requires       TEXT    NOT NULL, -- JSON
    revision       INTEGER NOT NULL,
    archived       INTEGER NOT NULL CHECK (archived IN (0, 1)),
    PRIMARY KEY (venue, id),
    CHECK ((price_amount IS NULL) = (price_currency IS NULL))
) STRICT;

-- Which services may take a resource: services.requires the other way round.
CREATE TABLE pool_members (
    venue    TEXT NOT NULL,
    resource TEXT NOT NULL,
    service  TEXT NOT NULL,
    PRIMARY KEY (venue, resource, service),
    FOREIGN KEY (venue, service) REFERENCES services (venue, id)
) STRICT, WITHOUT ROWID;

-- The last revision that touched each resource and service. Every batch of bookings writes here; were it a column beside the
-- schedule, each would rewrite the schedule too.
CREATE TABLE touched (
    venue    TEXT    NOT NULL,
    kind     TEXT    NOT NULL CHECK (kind IN ('resource', 'service')),
    id       TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (venue, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE bookings (
    venue          TEXT    NOT NULL REFERENCES venues (id),
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
    PRIMARY KEY (venue, id),
    CHECK ("end" > start),
    CHECK ((status = 'held') = (expires_at IS NOT NULL))
) STRICT;

-- Listings. The status is in the index so that a listing of few statuses reads no other rows.
CREATE INDEX bookings_by_start ON bookings (venue, start, id, status);

-- Holds by expiry, of all venues: only those not expired yet are in it, so it stays small.
CREATE INDEX bookings_due ON bookings (expires_at, venue) WHERE status = 'held';

-- The claims of all bookings; only the active ones take room.
CREATE TABLE claims (
    venue    TEXT    NOT NULL,
    booking  TEXT    NOT NULL,
    place    INTEGER NOT NULL, -- in the booking's list of claims
    resource TEXT    NOT NULL,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    units    INTEGER NOT NULL CHECK (units > 0),
    active   INTEGER NOT NULL CHECK (active IN (0, 1)),
    PRIMARY KEY (venue, booking, place),
    FOREIGN KEY (venue, booking) REFERENCES bookings (venue, id),
    CHECK ("end" > start)
) STRICT, WITHOUT ROWID;

-- A venue's ledgers are loaded from this index alone.
CREATE INDEX claims_active ON claims (venue, "end", resource, start, units) WHERE active = 1;

CREATE TABLE changes (
    venue        TEXT    NOT NULL REFERENCES venues (id),
    revision     INTEGER NOT NULL CHECK (revision > 0),
    batch        TEXT    NOT NULL,
    committed_at INTEGER NOT NULL,
    entries      TEXT    NOT NULL, -- JSON
    PRIMARY KEY (venue, revision)
) STRICT;

CREATE TABLE answers (
    venue      TEXT    NOT NULL REFERENCES venues (id),
    key        BLOB    NOT NULL CHECK (length(key) = 32),
    request    BLOB    NOT NULL CHECK (length(request) = 32),
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (venue, key)
) STRICT;

CREATE INDEX answers_by_age ON answers (created_at);

CREATE TABLE keys (
    name       TEXT    PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
