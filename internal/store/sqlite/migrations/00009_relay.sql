-- +goose Up
-- level 1

-- What the relay of events keeps; see store.Relay. Nothing of it is read or written in a venue's transaction. A program that does not
-- know these tables sends no events, and deletes no changes either, since the schema is newer than it knows. Leases are in the memory of
-- the one process that has the file.

-- The buses that there are. seen_at is when a relay served one last, to the minute: what it was not sent is kept for a day after.
CREATE TABLE outbox_buses (
    name          TEXT    PRIMARY KEY,
    registered_at INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far the events of each venue are sent.
CREATE TABLE outbox_cursors (
    bus      TEXT    NOT NULL,
    venue    TEXT    NOT NULL,
    term     INTEGER NOT NULL, -- of the epoch
    epoch    TEXT    NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 0),
    batch    TEXT    NOT NULL, -- of the change of the revision; empty if it is not known
    due_at   INTEGER, -- NULL: never
    opened   TEXT    NOT NULL, -- which days have opened, as the relay writes it; empty: none
    checked  INTEGER NOT NULL CHECK (checked >= 0),
    PRIMARY KEY (bus, venue)
) STRICT, WITHOUT ROWID;
