-- +goose Up

-- Every table is keyed by the venue first, so that no query can reach across tenants by accident. Ids compare as bytes
-- (COLLATE "C"). There are no foreign keys: the store writes whole, checked changes, `vacancy verify` recomputes them, and each
-- check of a key would lock and read another row.

CREATE TABLE meta (
    one        boolean     PRIMARY KEY DEFAULT true CHECK (one), -- there is one row
    history    text        NOT NULL, -- part of the epoch
    created_at timestamptz NOT NULL
);

-- The venue row: revision is the counter of the venue's changes, settings_revision the last of them that changed the row itself.
-- Every commit of the venue rewrites the row; the room left in its page keeps that cheap.
CREATE TABLE venues (
    id                text    COLLATE "C" PRIMARY KEY,
    revision          bigint  NOT NULL CHECK (revision > 0),
    name              text    NOT NULL,
    time_zone         text    NOT NULL,
    contact_email     text    NOT NULL,
    contact_phone     text    NOT NULL,
    allowed_origins   text    NOT NULL, -- JSON
    settings_revision bigint  NOT NULL,
    archived          boolean NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE resources (
    venue    text    COLLATE "C" NOT NULL,
    id       text    COLLATE "C" NOT NULL,
    name     text    NOT NULL,
    capacity integer NOT NULL CHECK (capacity > 0),
    schedule text    NOT NULL, -- JSON
    revision bigint  NOT NULL,
    archived boolean NOT NULL,
    PRIMARY KEY (venue, id)
);

-- Lengths are whole minutes.
CREATE TABLE services (
    venue          text    COLLATE "C" NOT NULL,
    id             text    COLLATE "C" NOT NULL,
    name           text    NOT NULL,
    description    text    NOT NULL,
    price_amount   text, -- NULL: none is shown
    price_currency text,
    color          text    NOT NULL,
    duration       bigint  NOT NULL CHECK (duration > 0),
    step           bigint  NOT NULL CHECK (step > 0),
    buffer_before  bigint  NOT NULL CHECK (buffer_before >= 0),
    buffer_after   bigint  NOT NULL CHECK (buffer_after >= 0),
    min_notice     bigint  NOT NULL CHECK (min_notice >= 0),
    horizon_days   integer NOT NULL,
    party_min      integer NOT NULL CHECK (party_min > 0),
    party_max      integer NOT NULL CHECK (party_max >= party_min),
    hold_for       bigint  NOT NULL CHECK (hold_for > 0),
    limited_below  integer, -- NULL: less than half
    requires       text    NOT NULL, -- JSON
    revision       bigint  NOT NULL,
    archived       boolean NOT NULL,
    PRIMARY KEY (venue, id),
    CHECK ((price_amount IS NULL) = (price_currency IS NULL))
);

-- The last revision that touched each resource. Every batch of bookings writes here; were it a column beside the schedule, each would
-- rewrite the schedule too. What touched a service is found from its resources when it is loaded.
CREATE TABLE touched (
    venue    text   COLLATE "C" NOT NULL,
    resource text   COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (venue, resource)
) WITH (fillfactor = 50);

CREATE TABLE bookings (
    venue          text        COLLATE "C" NOT NULL,
    id             text        COLLATE "C" NOT NULL,
    service        text        COLLATE "C" NOT NULL,
    status         text        COLLATE "C" NOT NULL
        CHECK (status IN ('held', 'confirmed', 'completed', 'no_show', 'expired', 'cancelled')),
    start          timestamptz NOT NULL,
    "end"          timestamptz NOT NULL,
    wall_start     text        NOT NULL,
    party_size     integer     NOT NULL CHECK (party_size > 0),
    expires_at     timestamptz, -- of holds only
    extensions     integer     NOT NULL CHECK (extensions >= 0),
    customer_name  text        NOT NULL,
    customer_email text        NOT NULL,
    customer_phone text        NOT NULL,
    customer_note  text        NOT NULL,
    token_hash     bytea       NOT NULL CHECK (length(token_hash) = 32),
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    revision       bigint      NOT NULL,
    PRIMARY KEY (venue, id),
    CHECK ("end" > start),
    CHECK ((status = 'held') = (expires_at IS NOT NULL))
);

-- Listings, and nothing else. The status is in the index so that a listing of few statuses reads no other rows. The texts are in
-- another collation than the columns', of the same order of bytes: a planner that takes the table for empty finds this index as good as
-- the primary key where a booking is looked up by its id, which reads all that the venue has, and keeps to it while the table grows.
CREATE INDEX bookings_by_start ON bookings (venue COLLATE "POSIX", start, id COLLATE "POSIX", status);

-- Holds by expiry, of all venues and of one. Only those not expired yet are in these, so they stay small. Each is of use to one query: it
-- is found by its condition, and the second by its collation too. To a planner that takes the table for empty they would be the same.
CREATE INDEX bookings_due ON bookings (expires_at, venue) WHERE status = 'held';
CREATE INDEX bookings_due_in_venue ON bookings (venue COLLATE "POSIX", expires_at) WHERE expires_at IS NOT NULL;

-- The claims of all bookings; only the active ones take room.
CREATE TABLE claims (
    venue    text        COLLATE "C" NOT NULL,
    booking  text        COLLATE "C" NOT NULL,
    place    integer     NOT NULL, -- in the booking's list of claims
    resource text        COLLATE "C" NOT NULL,
    start    timestamptz NOT NULL,
    "end"    timestamptz NOT NULL,
    units    integer     NOT NULL CHECK (units > 0),
    active   boolean     NOT NULL,
    PRIMARY KEY (venue, booking, place),
    CHECK ("end" > start)
);

-- A venue's ledgers are loaded by this index.
CREATE INDEX claims_active ON claims (venue, "end") WHERE active;

-- A revision that is not the next of its venue is refused by NOT NULL: see the statement that writes here.
CREATE TABLE changes (
    venue        text        COLLATE "C" NOT NULL,
    revision     bigint      NOT NULL CHECK (revision > 0),
    batch        text        NOT NULL,
    committed_at timestamptz NOT NULL,
    entries      text        NOT NULL, -- JSON
    PRIMARY KEY (venue, revision)
);

-- Entries are compressed three times as fast with lz4, if the server has it: 34 instead of 99 us for the change of 64 bookings.
-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE 'ALTER TABLE changes ALTER entries SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN -- it has none, or is of another make
    NULL;
END $$;
-- +goose StatementEnd

CREATE TABLE answers (
    venue      text        COLLATE "C" NOT NULL,
    key        bytea       NOT NULL CHECK (length(key) = 32),
    request    bytea       NOT NULL CHECK (length(request) = 32),
    sealed     bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    revision   bigint      NOT NULL,
    PRIMARY KEY (venue, key)
);

CREATE INDEX answers_by_age ON answers (created_at);

CREATE TABLE keys (
    name       text        COLLATE "C" PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL
);
