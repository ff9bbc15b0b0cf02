-- +goose Up
create schema access;

create table access.account (
  id bigint generated always as identity primary key,
  login text not null check (login = lower(login) and login <> ''),
  name text not null,
  role text not null check (role in ('buyer','planner','warehouse','lead','supplier','courier','integrator','admin')),
  password_hash text not null default '',
  supplier_id int,
  language text not null default 'zh' check (language in ('zh','en')),
  theme text not null default '' check (theme in ('','light','dark')),
  keys_off boolean not null default false,
  active boolean not null default true,
  failures int not null default 0,
  created_at timestamptz not null default now(),
  signed_in_at timestamptz,
  unique (login),
  check (role <> 'supplier' or supplier_id is not null)
);

create table access.account_site (
  account_id bigint not null references access.account on delete cascade,
  site_id int not null,
  primary key (account_id, site_id)
);

-- A key is shown once; only its hash is kept. The prefix tells keys apart in lists.
create table access.api_key (
  id bigint generated always as identity primary key,
  account_id bigint not null references access.account on delete cascade,
  name text not null,
  prefix text not null,
  hash bytea not null unique,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  revoked_at timestamptz
);

-- Sessions of the web, in the form that scs/pgxstore expects.
create table public.sessions (
  token text primary key,
  data bytea not null,
  expiry timestamptz not null
);
create index sessions_expiry on public.sessions (expiry);

create schema audit;
create table audit.entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  account_id bigint,
  actor text not null,
  verb text not null,
  thing text not null,
  thing_id text not null,
  before jsonb,
  after jsonb
);
create index entry_thing on audit.entry (thing, thing_id, id desc);
create index entry_account on audit.entry (account_id, id desc);

-- +goose Down
drop schema audit cascade;
drop table public.sessions;
drop schema access cascade;
