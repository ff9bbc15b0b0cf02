-- +goose Up

create table c2m.proposal_month (
  month text primary key check (month ~ '^[0-9]{4}$'),
  last int not null check (last > 0)
);
create table c2m.proposal (
  id bigint generated always as identity primary key,
  number text not null unique,
  name_zh text not null,
  name_en text not null default '',
  story_zh text not null default '',
  story_en text not null default '',
  sku_id int references catalog.sku,
  method text not null check (method in ('ranked','points')),
  features jsonb not null,
  opens timestamptz not null,
  closes timestamptz not null,
  per_minute int not null default 0 check (per_minute >= 0),
  state text not null check (state in ('draft','open','closed','adopted')),
  campaign text not null default '',
  owner text not null default '',
  revision bigint not null default 1,
  created_at timestamptz not null,
  check (closes > opens)
);
-- One ballot a member; a new one takes the old one's place.
create table c2m.ballot (
  proposal_id bigint not null references c2m.proposal,
  member text not null,
  community text not null default '',
  segment text not null default '',
  device text not null default '',
  choices jsonb not null,
  would_buy boolean not null default false,
  at timestamptz not null,
  primary key (proposal_id, member)
);
create index ballot_pace on c2m.ballot (proposal_id, community, at);

-- +goose Down
drop table c2m.ballot, c2m.proposal, c2m.proposal_month;
