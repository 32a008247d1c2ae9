-- What was done and refused, by whom: rows that nobody can change afterwards. Each row's hash covers the row and the hash
-- before it. The application's role may read; it writes through audit_append alone, which counts, hashes and locks here,
-- so that several gateways make one chain and none can write a row out of turn.

-- The end of the chain and, after old days were dropped, where it begins.
CREATE TABLE penstock.audit_head (
    one            boolean     PRIMARY KEY DEFAULT true CHECK (one),
    seq            bigint      NOT NULL,
    hash           bytea       NOT NULL,
    recorded_at    timestamptz NOT NULL,
    first_seq      bigint      NOT NULL,
    first_previous bytea       NOT NULL
);
INSERT INTO penstock.audit_head VALUES (true, 0, '\x', 'epoch', 1, '\x');

-- By the day of recording, which never goes back along the chain: a day is one stretch of it.
CREATE TABLE penstock.audit_entry (
    seq            bigint      NOT NULL,
    recorded_at    timestamptz NOT NULL,
    at             timestamptz NOT NULL,
    id             text        NOT NULL,
    kind           text        NOT NULL,
    allowed        boolean     NOT NULL,
    further        integer     NOT NULL,
    actor          text        NOT NULL,
    target         text        NOT NULL,
    correlation_id text        NOT NULL,
    actor_data     bytea       NOT NULL,
    target_data    bytea       NOT NULL,
    hash           bytea       NOT NULL,
    PRIMARY KEY (seq, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX audit_entry_id ON penstock.audit_entry (id);
CREATE INDEX audit_entry_actor ON penstock.audit_entry (actor, seq);
CREATE INDEX audit_entry_target ON penstock.audit_entry (target, seq);

-- Who stands behind a pseudonym of audit_entry, and the key under which that one's data are encrypted there. Without its
-- row here nobody can tell or read any more: that is how somebody is erased from rows that cannot change.
CREATE TABLE penstock.audit_subject (
    ref        text        PRIMARY KEY,
    lookup     bytea       NOT NULL UNIQUE,
    key        bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION penstock.audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows cannot be changed or deleted; old days are dropped by penstock.audit_retire'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_entry_fixed BEFORE UPDATE OR DELETE ON penstock.audit_entry
    FOR EACH ROW EXECUTE FUNCTION penstock.audit_refuse();
CREATE TRIGGER audit_entry_kept BEFORE TRUNCATE ON penstock.audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION penstock.audit_refuse();

-- The days of this moment and the next. Attached rather than made in place: readers need not wait.
CREATE FUNCTION penstock.audit_days(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day  date;
    name text;
BEGIN
    FOREACH day IN ARRAY ARRAY[(moment AT TIME ZONE 'UTC')::date, (moment AT TIME ZONE 'UTC')::date + 1] LOOP
        name := 'audit_entry_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass('penstock.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE penstock.%I (LIKE penstock.audit_entry INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE penstock.audit_entry ATTACH PARTITION penstock.%I FOR VALUES FROM (%L) TO (%L)',
            name, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
        EXECUTE format('CREATE TRIGGER audit_entry_kept BEFORE TRUNCATE ON penstock.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION penstock.audit_refuse()', name);
    END LOOP;
END
$$;

CREATE FUNCTION penstock.audit_micros(moment timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (extract(epoch FROM moment) * 1000000)::bigint $$;

-- The previous hash, then each column as its length in bytes, a colon, itself and a comma: no two rows have one form.
CREATE FUNCTION penstock.audit_hash(previous bytea, e penstock.audit_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || string_agg(convert_to(octet_length(part) || ':' || part || ',', 'UTF8'), '' ORDER BY place))
    FROM unnest(ARRAY[
        e.seq::text, penstock.audit_micros(e.recorded_at)::text, penstock.audit_micros(e.at)::text, e.id, e.kind,
        e.allowed::text, e.further::text, e.actor, e.target, e.correlation_id,
        encode(e.actor_data, 'hex'), encode(e.target_data, 'hex')]) WITH ORDINALITY AS parts (part, place)
$$;

-- Appends those that are not there yet, in one go; what was sent twice arrives once. Returns how many were new.
CREATE FUNCTION penstock.audit_append(acts jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = penstock, pg_temp AS $$
DECLARE
    head  penstock.audit_head;
    act   jsonb;
    e     penstock.audit_entry;
    count integer := 0;
BEGIN
    -- The lock that makes the chain one: held until the commit.
    SELECT * INTO head FROM penstock.audit_head FOR UPDATE;
    e.recorded_at := greatest(clock_timestamp(), head.recorded_at);
    PERFORM penstock.audit_days(e.recorded_at);
    FOR act IN SELECT value FROM jsonb_array_elements(acts) LOOP
        e.at := timestamptz 'epoch' + (act ->> 'at')::bigint * interval '1 microsecond';
        -- Recorded after it happened, but for clocks that differ.
        CONTINUE WHEN EXISTS (SELECT FROM penstock.audit_entry known
            WHERE known.id = act ->> 'id' AND known.recorded_at >= e.at - interval '1 day');
        e.seq := head.seq + 1;
        e.id := act ->> 'id';
        e.kind := act ->> 'kind';
        e.allowed := (act ->> 'allowed')::boolean;
        e.further := (act ->> 'further')::integer;
        e.actor := act ->> 'actor';
        e.target := act ->> 'target';
        e.correlation_id := act ->> 'correlation';
        e.actor_data := decode(act ->> 'actorData', 'base64');
        e.target_data := decode(act ->> 'targetData', 'base64');
        e.hash := penstock.audit_hash(head.hash, e);
        INSERT INTO penstock.audit_entry SELECT e.*;
        head.seq := e.seq;
        head.hash := e.hash;
        count := count + 1;
    END LOOP;
    UPDATE penstock.audit_head SET seq = head.seq, hash = head.hash, recorded_at = e.recorded_at;
    RETURN count;
END
$$;

-- The documented way to let old rows go: whole days, for the schema's owner alone. The rest of the chain stays provable.
CREATE FUNCTION penstock.audit_retire(before date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    name  text;
    last  record;
    count integer := 0;
BEGIN
    PERFORM FROM penstock.audit_head FOR UPDATE;
    FOR name IN SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'penstock.audit_entry'::regclass
            AND child.relname < 'audit_entry_' || to_char(least(before, (now() AT TIME ZONE 'UTC')::date), 'YYYYMMDD')
        ORDER BY child.relname
    LOOP
        EXECUTE format('SELECT seq, hash FROM penstock.%I ORDER BY seq DESC LIMIT 1', name) INTO last;
        IF last.seq IS NOT NULL THEN
            UPDATE penstock.audit_head SET first_seq = last.seq + 1, first_previous = last.hash;
        END IF;
        EXECUTE format('DROP TABLE penstock.%I', name);
        count := count + 1;
    END LOOP;
    RETURN count;
END
$$;
REVOKE EXECUTE ON FUNCTION penstock.audit_retire(date) FROM PUBLIC;
