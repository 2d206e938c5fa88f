-- +goose Up
-- level 1

-- Where the events of a venue are delivered to. A program that does not know the table delivers nothing.
CREATE TABLE webhooks (
    venue           TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    events          TEXT    NOT NULL, -- names, parted by spaces; '' is all
    disabled        TEXT    NOT NULL DEFAULT '', -- why; '' is enabled
    disabled_at     INTEGER,
    secret          TEXT    NOT NULL,
    previous_secret TEXT    NOT NULL DEFAULT '',
    previous_until  INTEGER,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    epoch           TEXT    NOT NULL, -- with the revision, where it began: what is later is delivered
    revision        INTEGER NOT NULL,
    queueing        INTEGER NOT NULL DEFAULT 0 CHECK (queueing IN (0, 1)),
    failing_since   INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0,
    retry_at        INTEGER, -- NULL: nothing waits
    claimed_until   INTEGER,
    claim           INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_due ON webhooks (retry_at) WHERE retry_at IS NOT NULL;

-- What waits for another attempt, and the last that have ended.
CREATE TABLE webhook_deliveries (
    number          INTEGER PRIMARY KEY,
    venue           TEXT    NOT NULL,
    endpoint        TEXT    NOT NULL,
    event_id        TEXT    NOT NULL,
    event_name      TEXT    NOT NULL,
    body            BLOB    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    created_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    attempted_at    INTEGER,
    status          INTEGER NOT NULL, -- of HTTP; 0: there was no answer
    error           TEXT    NOT NULL,
    took            INTEGER NOT NULL, -- microseconds
    next_attempt_at INTEGER
) STRICT;

CREATE INDEX webhook_deliveries_log ON webhook_deliveries (venue, endpoint, number);
CREATE UNIQUE INDEX webhook_deliveries_waiting ON webhook_deliveries (venue, endpoint, event_id) WHERE state = 'waiting';
