-- +goose NO TRANSACTION
-- +goose Up
-- level 1

-- Whether a booking was cancelled while it was a hold: like expired holds, such bookings are deleted after a while. It is written at
-- the cancellation alone, so that what a program cancels that does not know the column stays, whoever made the booking. The program before
-- goes by was_confirmed and its index, which stay.
ALTER TABLE bookings ADD COLUMN IF NOT EXISTS cancelled_hold boolean NOT NULL DEFAULT false;

-- Bookings are written while this is built. One that a broken build has left is invalid, and goes first.
DROP INDEX CONCURRENTLY IF EXISTS bookings_ended_holds;
CREATE INDEX CONCURRENTLY bookings_ended_holds ON bookings (updated_at)
    WHERE status = 'expired' OR (status = 'cancelled' AND cancelled_hold);
