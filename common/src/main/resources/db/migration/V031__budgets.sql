-- Budgets made through the API. Those of the configuration stand there alone; a name that is in both is a mistake which
-- the file wins.
CREATE TABLE penstock.budget (
    name        text        PRIMARY KEY,
    scope       text        NOT NULL,
    subject     text        NOT NULL,
    period      text        NOT NULL,
    limit_nanos bigint      NOT NULL CHECK (limit_nanos >= 0),
    hard        boolean     NOT NULL,
    alert_at    integer[]   NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    changed_by  text        NOT NULL
);
