-- +goose Up
alter table access.account
  -- Failures are counted by the login that was typed, whether it exists or not: see access.attempt.
  drop column failures,
  add column updated_at timestamptz not null default now(),
  add column password_at timestamptz;
create index account_supplier_id on access.account (supplier_id) where supplier_id is not null;
create index api_key_account on access.api_key (account_id);

-- Failed attempts to sign in, in a row. After some of them nobody is answered under the login until the wait is over.
-- Logins that do not exist are counted alike, so that the answer does not tell which do.
create table access.attempt (
  login text primary key,
  failures int not null,
  wait_until timestamptz,
  at timestamptz not null
);
create index attempt_at on access.attempt (at);

-- +goose Down
drop table access.attempt;
drop index access.api_key_account;
drop index access.account_supplier_id;
alter table access.account drop column updated_at, drop column password_at, add column failures int not null default 0;
