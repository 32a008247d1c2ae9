-- What a key is bound to, when it ends by itself, and the secret that it had before its last rotation.
alter table penstock.api_key
    add column user_id        text,
    add column models         text[]      not null default '{}',
    add column routes         text[]      not null default '{}',
    add column rate_class     text,
    add column tags           text[]      not null default '{}',
    add column budgets        text[]      not null default '{}',
    add column expires_at     timestamptz,
    -- Set while the key's user or team is disabled: the key rests, and works again when they do.
    add column suspended      text        check (suspended in ('user', 'team')),
    add column previous_hash  bytea       check (octet_length(previous_hash) = 32),
    add column previous_until timestamptz;

create index api_key_user on penstock.api_key (user_id) where user_id is not null;
create index api_key_team on penstock.api_key (team) where team is not null;

-- A team is a name that keys and users carry; a row says more about it, and can disable it.
create table penstock.team (
    name        text        primary key,
    description text        not null default '',
    disabled_at timestamptz,
    created_at  timestamptz not null default now(),
    created_by  text        not null
);

create table penstock.app_user (
    id          text        primary key,
    name        text        not null,
    -- bcrypt; none for users who only have keys.
    password    text        check (password like '$2%'),
    role        text        not null check (role in ('user', 'analyst', 'admin')),
    team        text,
    disabled_at timestamptz,
    created_at  timestamptz not null default now(),
    created_by  text        not null
);

create unique index app_user_name on penstock.app_user (lower(name));
create index app_user_team on penstock.app_user (team) where team is not null;

-- One row for each login. Its refresh tokens are numbered; the number of the one that works stands here. Sessions of
-- users who were deleted stay until their tokens have run out, hence no foreign key.
create sequence penstock.login_session_version;

create table penstock.login_session (
    id         text        primary key,
    user_id    text        not null,
    generation bigint      not null default 1,
    created_at timestamptz not null default now(),
    used_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at   timestamptz,
    ended_why  text,
    -- Only ended sessions have one: gateways read what has a greater version than the last one they saw.
    version    bigint      unique
);

create index login_session_user on penstock.login_session (user_id) where ended_at is null;
create index login_session_expiry on penstock.login_session (expires_at);

create function penstock.login_session_stamp() returns trigger language plpgsql as $$
begin
    -- Held until commit, so that versions become visible in their order; as for keys.
    perform pg_advisory_xact_lock(hashtext('penstock.login_session'));
    new.version := nextval('penstock.login_session_version');
    return new;
end
$$;

create trigger login_session_stamp before update on penstock.login_session
    for each row when (old.ended_at is null and new.ended_at is not null)
    execute function penstock.login_session_stamp();
