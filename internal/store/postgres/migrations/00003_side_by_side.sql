-- +goose Up
-- level 1

-- Which level a program must have to run on the schema since each migration; see migrate.go.
CREATE TABLE schema_levels (
    version bigint  PRIMARY KEY,
    level   integer NOT NULL CHECK (level > 0)
);

-- The level that a program must have to write to the venue. It is read with the venue's revision.
ALTER TABLE venues ADD COLUMN needs integer NOT NULL DEFAULT 1 CHECK (needs > 0);

-- The nodes that use the database. Each counts its beats up in a row of its own: a beat says that the node lives and which level it
-- has, and its commit proves that all that was committed before it is where the operator wants it.
CREATE TABLE nodes (
    id         text    COLLATE "C" PRIMARY KEY,
    level      integer     NOT NULL CHECK (level > 0),
    beats      bigint      NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
) WITH (fillfactor = 50);
