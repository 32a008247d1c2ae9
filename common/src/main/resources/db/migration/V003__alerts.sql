-- Alerts as they are, and every change of them in the order that clients see.

CREATE TABLE penstock.alert (
    id          text        PRIMARY KEY,
    fingerprint text        NOT NULL,
    state       text        NOT NULL CHECK (state IN ('PENDING', 'FIRING', 'ACKNOWLEDGED', 'RESOLVED')),
    revision    bigint      NOT NULL,
    updated_at  timestamptz NOT NULL,
    body        jsonb       NOT NULL
);

-- What a starting alert-service reads: everything that is not over.
CREATE INDEX alert_open ON penstock.alert (fingerprint) WHERE state <> 'RESOLVED';
CREATE INDEX alert_updated ON penstock.alert (updated_at DESC);

-- Dense ids: the primary key makes two sequencers impossible.
CREATE TABLE penstock.alert_event (
    id   bigint      PRIMARY KEY,
    at   timestamptz NOT NULL,
    body jsonb       NOT NULL
);

CREATE INDEX alert_event_at ON penstock.alert_event (at);
