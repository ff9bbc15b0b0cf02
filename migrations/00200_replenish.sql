-- +goose Up
create schema replenish;

-- The planner's choices of the house: one row, replenishment.Settings as JSON.
create table replenish.setting (
  id smallint primary key check (id = 1),
  settings jsonb not null,
  version int not null default 1,
  updated_at timestamptz not null default now()
);

create table replenish.run (
  id bigint generated always as identity primary key,
  day date not null,
  cause text not null,
  state text not null default 'running' check (state in ('running','done','failed')),
  shards int not null,
  skus int not null,
  skus_done int not null default 0,
  suggestions int not null default 0,
  error text not null default '',
  started_at timestamptz not null,
  finished_at timestamptz
);

create table replenish.shard (
  run_id bigint not null references replenish.run on delete cascade,
  no int not null,
  sku_from int not null,
  sku_to int not null,
  done_at timestamptz,
  primary key (run_id, no)
);

-- When a SKU was planned last, and from how new a snapshot: an older snapshot never overwrites a newer plan.
create table replenish.sku_plan (
  sku_id int primary key references catalog.sku,
  seen_at timestamptz not null,
  run_id bigint,
  warnings jsonb not null default '[]'
);

create table replenish.level (
  sku_id int not null references catalog.sku,
  site_id int not null references catalog.site,
  status text not null check (status in ('enough','low','running_out','out','too_much')),
  on_hand bigint not null,
  reserved bigint not null,
  available bigint not null,
  on_order bigint not null,
  position bigint not null,
  safety_pieces bigint not null,
  safety_days real not null,
  reorder_point bigint not null,
  order_up_to bigint not null,
  per_day real not null,
  own_per_day real not null,
  protection_days real not null,
  cover_days real not null,
  stockout_day date,
  -- replenishment.WaterLevel whole
  detail jsonb not null,
  primary key (sku_id, site_id)
);
create index level_site on replenish.level (site_id, status);

create table replenish.suggestion (
  id bigint generated always as identity primary key,
  sku_id int not null references catalog.sku,
  kind text not null check (kind in ('buy','transfer','clear','presell')),
  site_id int not null references catalog.site,
  from_id int not null default 0,
  supplier_id int not null default 0,
  reason text not null,
  backup boolean not null default false,
  pieces bigint not null check (pieces > 0),
  need bigint not null,
  pack bigint not null,
  unit_fen bigint not null,
  money_fen bigint not null,
  planned_on date not null,
  order_by date not null,
  arrive_by date not null,
  stockout_day date,
  lost_pieces bigint not null default 0,
  lost_fen bigint not null default 0,
  explanation jsonb not null,
  warnings jsonb not null default '[]',
  state text not null default 'open' check (state in ('open','changed','approved','rejected','expired','ordered')),
  decided bigint not null default 0,
  note text not null default '',
  by_id bigint not null default 0,
  at timestamptz,
  order_ref text not null default '',
  opened_at timestamptz not null default now(),
  version int not null default 1,
  -- by the database's clock, to be compared with sku_plan.seen_at
  touched_at timestamptz not null default clock_timestamp()
);
-- The same need is never suggested twice while it waits.
create unique index suggestion_need on replenish.suggestion (sku_id, kind, site_id, from_id, supplier_id)
  where state in ('open','changed');
create index suggestion_waiting on replenish.suggestion (lost_fen desc, id) where state in ('open','changed');
create index suggestion_sku on replenish.suggestion (sku_id, id desc);
create index suggestion_recent on replenish.suggestion (at desc) where state not in ('open','changed');

-- One row a SKU for the stock list, sortable by each figure.
create table replenish.sku_stat (
  sku_id int primary key references catalog.sku,
  -- 0 out, 1 running out, 2 low, 3 too much, 4 enough
  rank smallint not null,
  on_hand bigint not null,
  on_order bigint not null,
  safety bigint not null,
  per_day real not null,
  cover_days real not null,
  stockout_day date,
  value_fen bigint not null,
  sites smallint not null,
  short_sites smallint not null
);
create index sku_stat_rank on replenish.sku_stat (rank, sku_id);
create index sku_stat_cover on replenish.sku_stat (cover_days, sku_id);
create index sku_stat_on_hand on replenish.sku_stat (on_hand desc, sku_id);
create index sku_stat_value on replenish.sku_stat (value_fen desc, sku_id);
create index sku_stat_per_day on replenish.sku_stat (per_day desc, sku_id);

-- +goose Down
drop schema replenish cascade;
