-- +goose Up
-- level 1

-- Whether a booking was ever confirmed. What ended without is deleted after a while; of what older versions made, nothing is known, and
-- it stays. Expired holds never were.
ALTER TABLE bookings ADD COLUMN was_confirmed boolean NOT NULL DEFAULT true;

CREATE INDEX bookings_unconfirmed ON bookings (updated_at) WHERE status = 'expired' OR (status = 'cancelled' AND NOT was_confirmed);

-- What is true of a venue at the last of its changes that was deleted. A check of its history begins there.
CREATE TABLE checkpoints (
    venue    text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL CHECK (revision > 0),
    state    text NOT NULL -- JSON
);

-- What is remembered of the changes that were deleted: who did what, when, to what.
CREATE TABLE audit (
    venue        text COLLATE "C" NOT NULL,
    revision     bigint NOT NULL,
    committed_at timestamptz NOT NULL,
    entries      text NOT NULL, -- JSON
    PRIMARY KEY (venue, revision)
);
