-- +goose Up
create schema routing;

create table routing.rider (
  id bigint generated always as identity primary key,
  account_id bigint unique references access.account,
  site_id int not null references catalog.site,
  name text not null check (name <> ''),
  phone text not null default '',
  kind text not null default 'full_time' check (kind in ('full_time','crowd')),
  parcels int not null default 6 check (parcels >= 0),
  grams bigint not null default 30000 check (grams >= 0),
  cold_box boolean not null default true,
  per_hour_fen bigint not null default 3000 check (per_hour_fen >= 0),
  per_km_fen bigint not null default 60 check (per_km_fen >= 0),
  active boolean not null default true,
  -- The shift that runs, as the rider began it.
  on_from timestamptz,
  on_until timestamptz,
  -- When a dispatcher asked for this rider, until the next shift begins.
  called_at timestamptz,
  lat double precision,
  lon double precision,
  seen_at timestamptz,
  check ((on_from is null) = (on_until is null)),
  check (on_from < on_until)
);
create index rider_site on routing.rider (site_id) where active;

-- How a front warehouse plans its rounds; a site without a row has the defaults of the program.
create table routing.site_rule (
  site_id int primary key references catalog.site,
  rules jsonb not null,
  updated_at timestamptz not null,
  by_name text not null default ''
);

create table routing.parcel (
  id bigint generated always as identity primary key,
  number text not null unique check (number <> ''),
  site_id int not null references catalog.site,
  shipment_id bigint,
  order_ref text not null default '',
  lat double precision not null check (lat between -90 and 90),
  lon double precision not null check (lon between -180 and 180),
  address text not null default '',
  consignee text not null default '',
  phone text not null default '',
  station_id int references catalog.site,
  ready_at timestamptz not null,
  due_at timestamptz not null,
  service_seconds int not null default 120 check (service_seconds >= 0),
  grams bigint not null default 0 check (grams >= 0),
  millilitre bigint not null default 0 check (millilitre >= 0),
  cold boolean not null default false,
  max_ride_seconds int not null default 0 check (max_ride_seconds >= 0),
  proof text not null default 'none' check (proof in ('none','code','photo')),
  code text not null default '',
  -- What the shopper's page is found by.
  tracking text not null unique,
  state text not null default 'waiting'
    check (state in ('waiting','offered','loaded','delivered','stored','collected','failed','returned','cancelled')),
  round_id bigint,
  pinned_rider bigint references routing.rider,
  attempts int not null default 0,
  note text not null default '',
  added_at timestamptz not null,
  ended_at timestamptz,
  -- When a parcel waits at a station no longer.
  hold_until timestamptz
);
create index parcel_open on routing.parcel (site_id, due_at) where state in ('waiting','offered','loaded','failed');
create index parcel_round on routing.parcel (round_id) where round_id is not null;
create index parcel_station on routing.parcel (station_id) where state = 'stored';
create unique index parcel_shipment on routing.parcel (shipment_id, number) where shipment_id is not null;
create index parcel_ended on routing.parcel (site_id, ended_at) where ended_at is not null;

create table routing.round (
  id bigint generated always as identity primary key,
  number text not null unique,
  site_id int not null references catalog.site,
  rider_id bigint not null references routing.rider,
  state text not null check (state in ('offered','accepted','started','finished','refused','expired','withdrawn')),
  offered_at timestamptz not null,
  expires_at timestamptz not null,
  answered_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  leaves_at timestamptz not null,
  back_at timestamptz not null,
  metres bigint not null default 0,
  cost_fen bigint not null default 0,
  co2_grams bigint not null default 0,
  reason text not null default ''
);
create index round_open on routing.round (site_id, state) where state in ('offered','accepted','started');
-- A rider has one round at a time, and perhaps the next one offered.
create unique index round_started on routing.round (rider_id) where state = 'started';
create index round_rider on routing.round (rider_id, offered_at desc);

alter table routing.parcel add foreign key (round_id) references routing.round;

create table routing.stop (
  round_id bigint not null references routing.round on delete cascade,
  no int not null check (no > 0),
  parcel_id bigint not null references routing.parcel,
  due_at timestamptz not null,
  eta timestamptz not null,
  done_at timestamptz,
  outcome text not null default '' check (outcome in ('','delivered','stored','failed')),
  reason text not null default '',
  photo text not null default '',
  lat double precision,
  lon double precision,
  primary key (round_id, no),
  unique (round_id, parcel_id)
);
create index stop_parcel on routing.stop (parcel_id);

create table routing.photo (
  key text primary key,
  round_id bigint not null references routing.round,
  mime text not null,
  content bytea not null,
  at timestamptz not null
);

-- What a rider's phone told, once: the same command again is answered with what was stored.
create table routing.command (
  id uuid primary key,
  rider_id bigint not null references routing.rider,
  kind text not null,
  at timestamptz not null,
  made_at timestamptz,
  refused text not null default ''
);

-- The plan's watermark: planned up to done_seq of dirty_seq.
create table routing.pool (
  site_id int primary key references catalog.site,
  dirty_seq bigint not null default 0,
  done_seq bigint not null default 0,
  planned_at timestamptz,
  -- What the last plan thought of the parcels that wait: rounds not offered yet.
  outlook jsonb not null default '[]'
);

create table routing.counter (day date primary key, last int not null);

-- +goose Down
drop schema routing cascade;
