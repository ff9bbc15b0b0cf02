-- +goose Up
-- When an alarm is raised, and who answers for it by when; replenishment.AlarmRule.
create table replenish.alarm_rule (
  watch text primary key,
  is_on boolean not null,
  threshold double precision not null check (threshold >= 0),
  hours int not null check (hours > 0),
  owner_id bigint not null default 0
);

create table replenish.alarm (
  id bigint generated always as identity primary key,
  watch text not null,
  sku_id int not null default 0,
  site_id int not null default 0,
  supplier_id int not null default 0,
  ref text not null default '',
  value double precision not null,
  threshold double precision not null,
  pieces bigint not null default 0,
  grave boolean not null default false,
  remedy text not null,
  -- the suggestion that carries the remedy out: replenishment.Key, kind '' for none
  do_kind text not null default '',
  do_site int not null default 0,
  do_from int not null default 0,
  do_supplier int not null default 0,
  state text not null default 'open' check (state in ('open','taken','closed')),
  owner_id bigint not null default 0,
  raised_at timestamptz not null,
  due_at timestamptz not null,
  taken_at timestamptz,
  closed_at timestamptz,
  closed_by bigint not null default 0,
  note text not null default '',
  check ((state = 'closed') = (closed_at is not null))
);
-- The same trouble is never raised twice while it lasts.
create unique index alarm_key on replenish.alarm (sku_id, watch, site_id, supplier_id, ref) where state <> 'closed';
create index alarm_due on replenish.alarm (due_at, id) where state <> 'closed';
create index alarm_closed on replenish.alarm (closed_at desc, id desc) where state = 'closed';

-- +goose Down
drop table replenish.alarm;
drop table replenish.alarm_rule;
