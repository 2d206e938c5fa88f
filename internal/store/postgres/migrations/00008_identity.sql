-- +goose Up
-- level 1

-- What this database is: it has one row. A program that does not know the table does not look, and so may write to a database that the
-- others have left; it is to be replaced before a failover can be relied on.
CREATE TABLE identity (
    one               boolean PRIMARY KEY DEFAULT true CHECK (one),
    installation      text   NOT NULL, -- the same in all databases of one installation
    term              bigint NOT NULL CHECK (term > 0), -- counts how often another database came to be in charge
    id                text   NOT NULL, -- random, of this term
    ids               text   NOT NULL, -- of all terms in order, parted by spaces; the last is id
    system_identifier text   NOT NULL, -- of the cluster in which the term began; '' if it is not shown
    timeline          text   NOT NULL,
    relation          text   NOT NULL, -- the object id of this table, which is another in a dump that was loaded
    closed_by         text   NOT NULL DEFAULT '', -- who has closed the database, and why; nothing is written to it then
    decided           bigint NOT NULL DEFAULT 0 -- the last term that a person has allowed
);

-- Who began each term and closed the database, when, and why.
CREATE TABLE identity_log (
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    term   bigint NOT NULL,
    id     text   NOT NULL,
    what   text   NOT NULL CHECK (what IN ('founded', 'raised', 'allowed', 'closed')),
    who    text   NOT NULL,
    reason text   NOT NULL
);
