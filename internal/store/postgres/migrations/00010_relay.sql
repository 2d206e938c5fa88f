-- +goose Up
-- level 1

-- What the relay of events keeps; see store.Relay. Nothing of it is read or written in a venue's transaction. A program that does not
-- know these tables sends no events, and deletes no changes either, since the schema is newer than it knows.

-- The buses that there are. seen_at is when a relay served one last, to the minute: what it was not sent is kept for a day after.
CREATE TABLE outbox_buses (
    name          text        COLLATE "C" PRIMARY KEY,
    registered_at timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL
) WITH (fillfactor = 50);

-- The relays of nodes, and until when all leases of each are valid. The row is written every second; those of leases are not.
CREATE TABLE outbox_holders (
    bus        text        COLLATE "C" NOT NULL,
    holder     text        COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (bus, holder)
) WITH (fillfactor = 50);

-- Who sends the events of which shard. One that is free has no row, or that of a holder whose leases have run out.
CREATE TABLE outbox_leases (
    bus    text     COLLATE "C" NOT NULL,
    shard  smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    holder text     COLLATE "C" NOT NULL,
    PRIMARY KEY (bus, shard)
) WITH (fillfactor = 50);

-- How far the events of each venue are sent. Busy ones are written several times a second; no column that changes is in an index, so that
-- the room left in the page keeps that cheap.
CREATE TABLE outbox_cursors (
    bus      text   COLLATE "C" NOT NULL,
    venue    text   COLLATE "C" NOT NULL,
    term     bigint NOT NULL, -- of the epoch
    epoch    text   NOT NULL,
    revision bigint NOT NULL CHECK (revision >= 0),
    batch    text   NOT NULL, -- of the change of the revision; empty if it is not known
    due_at   timestamptz, -- NULL: never
    opened   text   NOT NULL, -- which days have opened, as the relay writes it; empty: none
    checked  bigint NOT NULL CHECK (checked >= 0),
    PRIMARY KEY (bus, venue)
) WITH (fillfactor = 50);
