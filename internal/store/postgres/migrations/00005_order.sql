-- +goose Up
-- level 1

-- The place of a resource or a service in the venue's lists: by this number, then by id. Zero for all is the order by id that there
-- was before. A program that does not know the column leaves it as it is.
ALTER TABLE resources ADD COLUMN sort_order bigint NOT NULL DEFAULT 0;
ALTER TABLE services ADD COLUMN sort_order bigint NOT NULL DEFAULT 0;

-- A listing chooses bookings that overlap a period: their ends are in the index that it walks along.
DROP INDEX bookings_by_start;
CREATE INDEX bookings_by_start ON bookings (venue COLLATE "POSIX", start, id COLLATE "POSIX", status, "end");
