-- +goose Up
-- level 1

-- What a later version brings along, so that a return is one from a newer schema.
ALTER TABLE venues ADD COLUMN later text NOT NULL DEFAULT '';
