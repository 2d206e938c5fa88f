-- +goose Up
-- level 1

-- Which level a program must have to run on the schema since each migration; see migrate.go.
CREATE TABLE schema_levels (
    version INTEGER PRIMARY KEY,
    level   INTEGER NOT NULL CHECK (level > 0)
) STRICT;

-- The level that a program must have to write to the venue. It is read with the venue's revision.
ALTER TABLE venues ADD COLUMN needs INTEGER NOT NULL DEFAULT 1 CHECK (needs > 0);
