-- +goose Up

-- How a site builds its waves: data that a lead reads and changes.
create table warehouse.wave_rule (
  site_id int primary key references catalog.site,
  max_shipments int not null default 60 check (max_shipments between 1 and 2000),
  -- Places on a cart; one shipment goes into one tote.
  totes int not null default 6 check (totes between 1 and 40),
  by_zone boolean not null default false,
  by_single boolean not null default true,
  -- A wave is released by itself so many minutes before its carrier leaves; 0 leaves it to the lead.
  release_minutes int not null default 0 check (release_minutes >= 0),
  -- Orders promised within 30 minutes are released at once.
  urgent boolean not null default true,
  lease_minutes int not null default 480 check (lease_minutes between 5 and 1440),
  -- A parcel may weigh so much more or less than its content; in tenths of a percent.
  weight_permille int not null default 30 check (weight_permille between 0 and 500),
  updated_at timestamptz not null default now(),
  updated_by text not null default ''
);

create table warehouse.wave (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  number text not null,
  state text not null default 'proposed' check (state in ('proposed','released','picked','handed_over','cancelled')),
  carrier text not null default '',
  cutoff_at timestamptz,
  zone text not null default '',
  single boolean not null default false,
  cold boolean not null default false,
  urgent boolean not null default false,
  created_at timestamptz not null,
  created_by text not null default '',
  released_at timestamptz,
  released_by text not null default '',
  picked_at timestamptz,
  handed_over_at timestamptz,
  unique (site_id, number)
);
create index wave_open on warehouse.wave (site_id, state, cutoff_at) where state in ('proposed','released','picked');
create index wave_created on warehouse.wave (site_id, created_at);
alter table warehouse.shipment add constraint shipment_wave foreign key (wave_id) references warehouse.wave;

-- What came late to an order is a further shipment once the first has left the shelves.
alter table warehouse.shipment drop constraint shipment_outbound_id_site_id_key;
create unique index shipment_gathering on warehouse.shipment (outbound_id, site_id) where state in ('waiting','ready');
create index shipment_outbound on warehouse.shipment (outbound_id);
alter table warehouse.allocation add column shipment_id bigint references warehouse.shipment;
create index allocation_shipment on warehouse.allocation (shipment_id) where shipment_id is not null;

-- A picker's round with the cart: the stops in the order of the path. While it is leased to a device nobody else may touch
-- what it reserves, so that picks made without the network cannot conflict.
create table warehouse.pick_task (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  wave_id bigint not null references warehouse.wave,
  no int not null,
  mode text not null default 'cluster' check (mode in ('cluster','batch')),
  state text not null default 'open' check (state in ('open','taken','done','cancelled')),
  account_id bigint references access.account,
  actor text not null default '',
  device text not null default '',
  leased_until timestamptz,
  taken_at timestamptz,
  done_at timestamptz,
  path_metres int not null default 0,
  unique (wave_id, no)
);
create index pick_task_open on warehouse.pick_task (site_id, state) where state in ('open','taken');
create index pick_task_account on warehouse.pick_task (account_id) where state = 'taken';
create index pick_task_done on warehouse.pick_task (site_id, done_at) where state = 'done';

-- A place of the cart and the tote that stands there.
create table warehouse.pick_tote (
  task_id bigint not null references warehouse.pick_task,
  place int not null check (place > 0),
  shipment_id bigint references warehouse.shipment,
  tote text not null default '',
  primary key (task_id, place)
);

create table warehouse.pick_stop (
  id bigint generated always as identity primary key,
  task_id bigint not null references warehouse.pick_task,
  seq int not null,
  allocation_id bigint not null references warehouse.allocation,
  shipment_id bigint not null references warehouse.shipment,
  place int not null,
  bin text not null,
  sku_id int not null references catalog.sku,
  lot_id bigint not null references warehouse.lot,
  pieces bigint not null check (pieces > 0),
  state text not null default 'open' check (state in ('open','picked','short','damaged','cancelled','putback','returned')),
  op uuid,
  at timestamptz
);
create index pick_stop_task on warehouse.pick_stop (task_id, seq);
create index pick_stop_op on warehouse.pick_stop (op) where op is not null;
create unique index pick_stop_allocation on warehouse.pick_stop (allocation_id) where state in ('open','picked','putback');

-- A box with its label. Its stock stands in the bin until it is handed over.
create table warehouse.parcel (
  id bigint generated always as identity primary key,
  number text not null unique,
  shipment_id bigint not null references warehouse.shipment,
  site_id int not null references catalog.site,
  state text not null default 'packed' check (state in ('packed','loaded','handed_over','opened')),
  bin text not null,
  box text not null default '',
  weight_grams bigint not null default 0,
  expected_grams bigint not null default 0,
  weight_reason text not null default '',
  op uuid not null unique,
  packed_at timestamptz not null,
  packed_by text not null,
  manifest_id bigint,
  loaded_at timestamptz,
  handed_over_at timestamptz
);
create index parcel_shipment on warehouse.parcel (shipment_id);
create index parcel_open on warehouse.parcel (site_id, state) where state in ('packed','loaded');
create index parcel_packed_at on warehouse.parcel (site_id, packed_at);

create table warehouse.parcel_item (
  parcel_id bigint not null references warehouse.parcel,
  allocation_id bigint not null references warehouse.allocation,
  pieces bigint not null check (pieces > 0),
  primary key (parcel_id, allocation_id)
);

-- What one carrier takes at once (交接单).
create table warehouse.manifest (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  number text not null unique,
  carrier text not null,
  state text not null default 'open' check (state in ('open','closed')),
  opened_at timestamptz not null,
  opened_by text not null,
  closed_at timestamptz,
  closed_by text not null default '',
  signed text not null default ''
);
create unique index manifest_open on warehouse.manifest (site_id, carrier) where state = 'open';
create index manifest_closed on warehouse.manifest (site_id, closed_at);
alter table warehouse.parcel add constraint parcel_manifest foreign key (manifest_id) references warehouse.manifest;
create index parcel_manifest on warehouse.parcel (manifest_id) where manifest_id is not null;

-- What a device told, once for each operation id: its answer is given again when it is told again. Scans that changed nothing
-- stand here too: how fast the answer was and how often it was wrong, by screen.
create table warehouse.command (
  op uuid primary key,
  kind text not null,
  site_id int references catalog.site,
  device text not null,
  account_id bigint,
  actor text not null default '',
  made_at timestamptz not null,
  at timestamptz not null,
  screen text not null default '',
  verdict text not null default '',
  -- From the end of the scan to the answer on the device's screen, in milliseconds; of the server in microseconds.
  local_ms int not null default 0,
  server_us int not null default 0,
  body jsonb,
  answer jsonb,
  refusal jsonb
);
create index command_at on warehouse.command (site_id, at);
create index command_brin on warehouse.command using brin (at);

-- A command that was already done on the floor and that the house could not book: it waits for a person.
create table warehouse.stuck_command (
  op uuid primary key references warehouse.command,
  site_id int references catalog.site,
  at timestamptz not null,
  decided_at timestamptz,
  decided_by text not null default '',
  decision text not null default ''
);
create index stuck_command_open on warehouse.stuck_command (site_id, at) where decided_at is null;

-- A bin of which somebody said that the stock is not as the book has it: it is counted next.
create table warehouse.doubt (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  bin text not null,
  sku_id int not null references catalog.sku,
  lot_id bigint not null references warehouse.lot,
  reason text not null check (reason in ('short','empty','damaged')),
  missing bigint not null default 0,
  op uuid not null,
  at timestamptz not null,
  actor text not null default '',
  settled_at timestamptz
);
create index doubt_open on warehouse.doubt (site_id, bin) where settled_at is null;

-- The code on a worker's badge; only its hash is kept.
create table access.badge (
  hash bytea primary key,
  account_id bigint not null references access.account on delete cascade,
  created_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create unique index badge_account on access.badge (account_id) where revoked_at is null;

-- +goose Down
drop table access.badge;
drop table warehouse.doubt, warehouse.stuck_command, warehouse.command, warehouse.parcel_item, warehouse.parcel, warehouse.manifest,
  warehouse.pick_stop, warehouse.pick_tote, warehouse.pick_task;
drop index warehouse.shipment_gathering, warehouse.shipment_outbound, warehouse.allocation_shipment;
alter table warehouse.allocation drop column shipment_id;
alter table warehouse.shipment add unique (outbound_id, site_id);
alter table warehouse.shipment drop constraint shipment_wave;
drop table warehouse.wave, warehouse.wave_rule;
