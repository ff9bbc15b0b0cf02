-- +goose Up

-- What was learnt over a sample of all series for a run, the trees among it: its shards and the refreshes of single SKUs use it.
create table forecast.global (
  run_id bigint primary key references forecast.run on delete cascade,
  series int not null,
  seconds real not null,
  -- By class of demand: what the held-back weeks said of the model, and what share it is given.
  lessons jsonb not null,
  model bytea not null
);
alter table forecast.global alter column model set storage external;

-- How long of the day the shelf was empty, in minutes, where a source tells it; null where only the flag is known.
alter table forecast.sale add column sold_out_minutes smallint check (sold_out_minutes between 0 and 1440);

-- Who wants a product before it sells: members who would buy it, and pieces pledged in campaigns.
create table forecast.launch_evidence (
  kind text not null check (kind in ('vote','campaign')),
  ref text not null,
  sku_id int not null references catalog.sku on delete cascade,
  site_id int references catalog.site,
  pieces bigint not null check (pieces >= 0),
  at timestamptz not null,
  primary key (kind, ref)
);
create index launch_evidence_sku on forecast.launch_evidence (sku_id);

-- The expected course of a new SKU at a site, from its first day on, as a run has worked it out.
create table forecast.launch (
  run_id bigint not null references forecast.run on delete cascade,
  sku_id int not null,
  site_id int not null,
  start date not null,
  curve real[] not null,
  note jsonb not null,
  primary key (run_id, sku_id, site_id)
);

-- Babies born by region and month (12 · year + month − 1), the regions of the sites, and the months of age that a SKU is for.
create table forecast.cohort (
  region text not null check (region <> ''),
  month int not null,
  babies double precision not null check (babies >= 0 and babies < 'infinity'),
  primary key (region, month)
);
create table forecast.site_region (
  site_id int primary key references catalog.site on delete cascade,
  region text not null check (region <> '')
);
create table forecast.sku_stage (
  sku_id int primary key references catalog.sku on delete cascade,
  from_month smallint not null check (from_month >= 0),
  to_month smallint not null check (to_month > from_month and to_month <= 240)
);

-- The category at the top of the branch, and whether the row is as it is in force: reconciled and with the planners' changes. The
-- others are multiplied by forecast.lift when they are read.
alter table forecast.result add column top_id int not null default 0;
alter table forecast.result add column final boolean not null default false;

-- What reconciliation multiplies the forecasts of a site and top category by, a factor for each four weeks of the horizon.
create table forecast.lift (
  run_id bigint not null references forecast.run on delete cascade,
  site_id int not null,
  category_id int not null,
  factor real[] not null,
  -- Pieces over the first four weeks: the sum of the single forecasts, that of the total alone, and what came of both.
  bottom double precision not null,
  top double precision not null,
  agreed double precision not null,
  primary key (run_id, site_id, category_id)
);

-- What the sums of the shards hide: pieces sold, and those that would have been sold on sold-out days.
alter table forecast.shard_total add column sold double precision not null default 0;
alter table forecast.shard_total add column hidden double precision not null default 0;

-- Planners' changes of forecasts. site_id null is every site.
create table forecast.override (
  id bigint generated always as identity primary key,
  sku_id int not null references catalog.sku on delete cascade,
  site_id int references catalog.site,
  from_day date not null,
  to_day date not null,
  factor real,
  pieces real,
  reason text not null check (reason <> ''),
  actor text not null,
  account_id bigint references access.account on delete set null,
  made_at timestamptz not null,
  expiry date not null,
  withdrawn_at timestamptz,
  withdrawn_by text not null default '',
  -- The forecast of its days without it, by site, as it was when it was first used: what the change is scored against.
  plain jsonb,
  score jsonb,
  scored_at timestamptz,
  check (to_day >= from_day),
  check (expiry > from_day),
  check ((factor is null) <> (pieces is null))
);
create index override_sku on forecast.override (sku_id, to_day);
create index override_made on forecast.override (made_at desc, id desc);

-- Findings of the runs on single series, one open row a series and kind.
create table forecast.alarm (
  id bigint generated always as identity primary key,
  sku_id int not null references catalog.sku on delete cascade,
  site_id int not null references catalog.site,
  kind text not null check (kind in ('bias','tracking','drift','hole','silence')),
  state text not null default 'open' check (state in ('open','acknowledged','over')),
  value real not null,
  bound real not null,
  from_day date not null,
  -- Pieces a week that the series sells or was forecast to: what is at stake.
  weight real not null,
  first_run bigint not null,
  last_run bigint not null,
  raised_at timestamptz not null,
  updated_at timestamptz not null,
  acked_by text not null default '',
  acked_note text not null default '',
  acked_at timestamptz,
  over_at timestamptz
);
create unique index alarm_standing on forecast.alarm (sku_id, site_id, kind) where state <> 'over';
create index alarm_open on forecast.alarm (state, weight desc, id desc) where state <> 'over';

-- +goose Down
drop table forecast.alarm, forecast.override, forecast.lift, forecast.sku_stage, forecast.site_region, forecast.cohort, forecast.launch,
  forecast.launch_evidence, forecast.global;
alter table forecast.shard_total drop column sold, drop column hidden;
alter table forecast.result drop column top_id, drop column final;
alter table forecast.sale drop column sold_out_minutes;
