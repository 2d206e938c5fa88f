-- +goose Up
-- level 1

-- Who has held back what is told to the outside, and who has let it go again, when, and why. The last row counts; without one, nothing is
-- held back. A program that does not know the table holds nothing back.
CREATE TABLE outbox_log (
    number bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    what   text        NOT NULL CHECK (what IN ('paused', 'resumed')),
    who    text        NOT NULL,
    reason text        NOT NULL
);
