-- +goose Up
-- level 1

-- Whether a booking was ever confirmed. What ended without is deleted after a while; of what older versions made, nothing is known, and
-- it stays. Expired holds never were.
ALTER TABLE bookings ADD COLUMN was_confirmed INTEGER NOT NULL DEFAULT 1 CHECK (was_confirmed IN (0, 1));

CREATE INDEX bookings_unconfirmed ON bookings (updated_at) WHERE status = 'expired' OR (status = 'cancelled' AND NOT was_confirmed);

-- What is true of a venue at the last of its changes that was deleted. A check of its history begins there.
CREATE TABLE checkpoints (
    venue    TEXT PRIMARY KEY,
    revision INTEGER NOT NULL CHECK (revision > 0),
    state    TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- What is remembered of the changes that were deleted: who did what, when, to what.
CREATE TABLE audit (
    venue        TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    entries      TEXT NOT NULL, -- JSON
    PRIMARY KEY (venue, revision)
) STRICT, WITHOUT ROWID;
