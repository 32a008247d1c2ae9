-- Addresses that may not call: made by the guard after misdeeds, or by an administrator. Rows stay for a while after their
-- end, so that who comes back is blocked for longer.
create sequence penstock.address_block_version;

create table penstock.address_block (
    address     text        primary key check (length(address) <= 64),
    reason      text        not null,
    strikes     integer     not null default 1 check (strikes > 0),
    began_at    timestamptz not null default now(),
    ends_at     timestamptz,
    lifted_at   timestamptz,
    created_by  text        not null,
    version     bigint      not null unique
);

-- As with keys: versions become visible in their order.
create function penstock.address_block_stamp() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('penstock.address_block'));
    new.version := nextval('penstock.address_block_version');
    return new;
end
$$;

create trigger address_block_stamp before insert or update on penstock.address_block
    for each row execute function penstock.address_block_stamp();
