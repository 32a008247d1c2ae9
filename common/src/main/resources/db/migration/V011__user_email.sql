-- Encrypted by the gateways (AES-GCM, bound to the row); the index finds an equal address without being readable.
alter table penstock.app_user
    add column email       text  check (email like 'enc1:%'),
    add column email_index bytea check (octet_length(email_index) = 32);

create unique index app_user_email on penstock.app_user (email_index) where email_index is not null;
