-- +goose Up
-- level 1

-- Whether a booking was cancelled while it was a hold: like expired holds, such bookings are deleted after a while. It is written at
-- the cancellation alone, so that what a program cancels that does not know the column stays, whoever made the booking.
ALTER TABLE bookings ADD COLUMN cancelled_hold INTEGER NOT NULL DEFAULT 0 CHECK (cancelled_hold IN (0, 1));

CREATE INDEX bookings_unconfirmed ON bookings (updated_at) WHERE status = 'expired' OR (status = 'cancelled' AND cancelled_hold);

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
