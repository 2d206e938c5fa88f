-- +goose Up
-- level 1

-- Whether a booking was cancelled while it was a hold: like expired holds, such bookings are deleted after a while. It is written at
-- the cancellation alone, so that what a program cancels that does not know the column stays, whoever made the booking.
ALTER TABLE bookings ADD COLUMN cancelled_hold boolean NOT NULL DEFAULT false;

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
