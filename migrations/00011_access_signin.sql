-- +goose Up
-- After some failures in a row an account answers nobody until the wait is over, not even the right password.
alter table access.account
  add column wait_until timestamptz,
  add column updated_at timestamptz not null default now(),
  add column password_at timestamptz;
create index account_supplier on access.account (supplier_id) where supplier_id is not null;
create index api_key_account on access.api_key (account_id);

-- +goose Down
drop index access.api_key_account;
drop index access.account_supplier;
alter table access.account drop column wait_until, drop column updated_at, drop column password_at;
