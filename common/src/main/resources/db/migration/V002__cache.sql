-- Answers that were expensive to compute, outliving Redis. The envelope holds the whole entry; the columns beside it
-- are what is searched by.
CREATE TABLE penstock.cache_entry (
    high       bigint      NOT NULL,
    low        bigint      NOT NULL,
    type       text        NOT NULL,
    tenant     text        NOT NULL,
    stamp      bigint      NOT NULL,
    expires_at timestamptz NOT NULL,
    envelope   bytea       NOT NULL,
    PRIMARY KEY (high, low, type)
);

CREATE INDEX cache_entry_expires ON penstock.cache_entry (expires_at);

-- The number at which a scope was last invalidated. The row '#' holds the highest number given out, so that an emptied
-- Redis cannot rewind it. Rows older than the longest life of an entry are swept.
CREATE TABLE penstock.cache_generation (
    scope      text        PRIMARY KEY,
    number     bigint      NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX cache_generation_changed ON penstock.cache_generation (changed_at);
