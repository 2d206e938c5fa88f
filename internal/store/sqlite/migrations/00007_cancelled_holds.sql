-- +goose Up
-- level 1

-- Whether a booking was cancelled while it was a hold: like expired holds, such bookings are deleted after a while. It is written at
-- the cancellation alone, so that what a program cancels that does not know the column stays, whoever made the booking. The program before
-- goes by was_confirmed and its index, which stay.
ALTER TABLE bookings ADD COLUMN cancelled_hold INTEGER NOT NULL DEFAULT 0 CHECK (cancelled_hold IN (0, 1));

CREATE INDEX bookings_ended_holds ON bookings (updated_at) WHERE status = 'expired' OR (status = 'cancelled' AND cancelled_hold);
