-- Who may call. A key is never stored: only its HMAC-SHA256 under the cluster's own secret.
create sequence penstock.api_key_version;

create table penstock.api_key (
    id          text        primary key,
    name        text        not null,
    hash        bytea       not null unique check (octet_length(hash) = 32),
    role        text        not null check (role in ('user', 'analyst', 'admin')),
    team        text,
    unlimited   boolean     not null default false,
    priority    text        not null default 'critical' check (priority in ('critical', 'high', 'normal', 'low')),
    created_at  timestamptz not null default now(),
    created_by  text        not null,
    revoked_at  timestamptz,
    version     bigint      not null unique
);

-- Gateways read what has a greater version than the last one they saw. That finds every change only if versions become
-- visible in their order: the lock is held until commit, so that nobody draws a number before the one below is visible.
create function penstock.api_key_stamp() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('penstock.api_key'));
    new.version := nextval('penstock.api_key_version');
    return new;
end
$$;

create trigger api_key_stamp before insert or update on penstock.api_key
    for each row execute function penstock.api_key_stamp();
