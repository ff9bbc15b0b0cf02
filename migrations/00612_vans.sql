-- +goose Up

create table routing.van (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  plate text not null unique check (plate <> ''),
  driver text not null default '',
  phone text not null default '',
  grams bigint not null check (grams > 0),
  millilitre bigint not null check (millilitre > 0),
  cold boolean not null default false,
  -- The driver's shift, in minutes of the day.
  from_minute int not null default 300 check (from_minute >= 0),
  until_minute int not null default 1020 check (until_minute <= 1440),
  per_day_fen bigint not null default 0 check (per_day_fen >= 0),
  per_hour_fen bigint not null default 0 check (per_hour_fen >= 0),
  per_km_fen bigint not null default 0 check (per_km_fen >= 0),
  co2_per_km bigint not null default 0 check (co2_per_km >= 0),
  active boolean not null default true,
  check (from_minute < until_minute)
);
create index van_site on routing.van (site_id) where active;

-- When vans may be unloaded: [[from, until], …] in minutes of the day. A site without a row has the program's usual dock.
create table routing.dock (
  site_id int primary key references catalog.site,
  windows jsonb not null default '[]',
  unload_minutes int not null default 15 check (unload_minutes between 0 and 480)
);

create table routing.run (
  id bigint generated always as identity primary key,
  number text not null unique,
  site_id int not null references catalog.site,
  day date not null,
  van_id bigint not null references routing.van,
  state text not null check (state in ('planned','released','out','done','withdrawn')),
  leaves_at timestamptz not null,
  back_at timestamptz not null,
  left_at timestamptz,
  metres bigint not null default 0,
  cost_fen bigint not null default 0,
  co2_grams bigint not null default 0
);
create index run_day on routing.run (site_id, day);

create table routing.run_stop (
  run_id bigint not null references routing.run on delete cascade,
  no int not null check (no > 0),
  site_id int not null references catalog.site,
  arrive_at timestamptz not null,
  begin_at timestamptz not null,
  leave_at timestamptz not null,
  done_at timestamptz,
  primary key (run_id, no)
);

-- The transfers on a run, as they were when it was planned.
create table routing.run_load (
  run_id bigint not null,
  no int not null,
  outbound_id bigint not null,
  number text not null,
  pieces bigint not null,
  grams bigint not null,
  millilitre bigint not null,
  cold boolean not null,
  due_at timestamptz,
  primary key (run_id, outbound_id),
  foreign key (run_id, no) references routing.run_stop on delete cascade
);
create index run_load_outbound on routing.run_load (outbound_id);

-- What the last plan of a day could not carry, and why.
create table routing.van_plan (
  site_id int not null references catalog.site,
  day date not null,
  planned_at timestamptz not null,
  left_out jsonb not null default '[]',
  primary key (site_id, day)
);

-- +goose Down
drop table routing.van_plan, routing.run_load, routing.run_stop, routing.run, routing.dock, routing.van;
