-- What was asked of model backends, one row per attempt (per instance that carried a part of a merged submission), written
-- in batches from the gateways' spools. An id carries its day, so that writing a row twice leaves one row.
CREATE TABLE penstock.usage_record (
    day                date        NOT NULL,
    id                 text        NOT NULL,
    at                 timestamptz NOT NULL,
    request_id         text        NOT NULL,
    attempt            integer     NOT NULL,
    key_id             text        NOT NULL,
    user_name          text,
    team               text,
    tags               text[]      NOT NULL,
    route              text        NOT NULL,
    operation          text        NOT NULL,
    model              text        NOT NULL,
    instance           text        NOT NULL,
    outcome            text        NOT NULL,
    calls              integer     NOT NULL,
    input_tokens       bigint      NOT NULL,
    cached_tokens      bigint      NOT NULL,
    cache_write_tokens bigint      NOT NULL,
    output_tokens      bigint      NOT NULL,
    reasoning_tokens   bigint      NOT NULL,
    estimated          boolean     NOT NULL,
    cost_nanos         bigint, -- null where no price is known; never 0 for that
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);

CREATE INDEX usage_record_request ON penstock.usage_record (request_id);
CREATE INDEX usage_record_key ON penstock.usage_record (key_id, day);

-- The application's role may not make tables: this makes the one that a day needs, and nothing else.
CREATE FUNCTION penstock.usage_partition(wanted date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS
$$
DECLARE
    name text := 'usage_record_' || to_char(wanted, 'YYYYMMDD');
BEGIN
    IF wanted IS NULL OR wanted < date '2020-01-01' OR wanted > current_date + 366 THEN
        RAISE EXCEPTION 'no day of usage: %', wanted USING ERRCODE = '22023';
    END IF;
    IF to_regclass('penstock.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('penstock.usage_partition'));
    EXECUTE format('CREATE TABLE IF NOT EXISTS penstock.%I PARTITION OF penstock.usage_record FOR VALUES FROM (%L) TO (%L)',
                   name, wanted, wanted + 1);
END
$$;
