-- +goose Up

-- What a site expects, or what came unannounced: a supplier's delivery note, another site's transfer, a blind receipt.
create table warehouse.delivery (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('supplier','transfer','blind')),
  number text not null check (number <> ''),
  site_id int not null references catalog.site,
  supplier_id int references catalog.supplier,
  from_site int references catalog.site,
  -- The delivery note of the supplier's side and its revision, or the transfer's outbound order.
  asn_id bigint,
  asn_revision int not null default 0,
  outbound_id bigint,
  carrier text not null default '',
  tracking text not null default '',
  arrives date,
  slot text not null default '',
  state text not null default 'expected' check (state in ('expected','receiving','received','cancelled')),
  -- Why goods were taken in without a note, or why the delivery was cancelled.
  reason text not null default '',
  dock text not null default '',
  expected_at timestamptz not null,
  shipped_at timestamptz,
  started_at timestamptz,
  started_by text not null default '',
  closed_at timestamptz,
  closed_by text not null default '',
  note text not null default '',
  check ((kind = 'transfer') = (from_site is not null)),
  unique nulls not distinct (kind, site_id, supplier_id, number)
);
create unique index delivery_asn on warehouse.delivery (asn_id) where asn_id is not null;
create unique index delivery_outbound on warehouse.delivery (outbound_id, site_id) where outbound_id is not null;
create index delivery_open on warehouse.delivery (site_id, arrives) where state in ('expected','receiving');
create index delivery_closed on warehouse.delivery (site_id, closed_at) where state = 'received';

create table warehouse.delivery_line (
  delivery_id bigint not null references warehouse.delivery on delete cascade,
  no int not null check (no > 0),
  sku_id int not null references catalog.sku,
  order_id bigint,
  order_number text not null default '',
  order_line int not null default 0,
  lot text not null default '',
  produced date,
  expiry date,
  -- What was announced; 0 for a line that the dock added.
  pieces bigint not null check (pieces >= 0),
  cartons int not null default 0,
  per_carton bigint not null default 0,
  carton_no text not null default '',
  certificate text not null default '',
  min_remaining_days int not null default 0,
  good bigint not null default 0 check (good >= 0),
  damaged bigint not null default 0 check (damaged >= 0),
  refused bigint not null default 0 check (refused >= 0),
  primary key (delivery_id, no)
);
create index delivery_line_sku on warehouse.delivery_line (sku_id, delivery_id);
create index delivery_line_order on warehouse.delivery_line (order_id) where order_id is not null;

-- Each scan at the dock. Nothing is deleted: what was taken back says so.
create table warehouse.arrival (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references warehouse.delivery,
  line_no int not null,
  operation_id uuid not null unique references warehouse.operation,
  sku_id int not null references catalog.sku,
  lot text not null default '',
  produced date,
  expiry date,
  pieces bigint not null check (pieces > 0),
  outcome text not null check (outcome in ('good','damaged','refused')),
  -- What was wrong and was taken all the same: over, wrong_lot, short_life, expired, no_expiry, unexpected.
  faults text[] not null default '{}',
  carton text not null default '',
  bin text not null default '',
  note text not null default '',
  at timestamptz not null,
  account_id bigint references access.account,
  actor text not null,
  device text not null default '',
  undone_by uuid references warehouse.operation,
  foreign key (delivery_id, line_no) references warehouse.delivery_line (delivery_id, no)
);
create unique index arrival_carton on warehouse.arrival (delivery_id, carton) where carton <> '' and undone_by is null;
create index arrival_line on warehouse.arrival (delivery_id, line_no);

-- How long goods really took between two sites: from the handover at the one to the first scan at the other.
create table warehouse.lane_time (
  delivery_id bigint primary key references warehouse.delivery,
  from_site int not null references catalog.site,
  to_site int not null references catalog.site,
  shipped_at timestamptz not null,
  promised date,
  arrived_at timestamptz not null,
  days double precision not null check (days >= 0)
);
create index lane_time_lane on warehouse.lane_time (from_site, to_site, arrived_at);

-- The last number given in each month, by kind: BR for blind receipts, RS for goods back to a supplier.
create table warehouse.number_month (
  kind text not null,
  month text not null check (month ~ '^[0-9]{4}$'),
  last int not null check (last > 0),
  primary key (kind, month)
);

-- +goose Down
drop table warehouse.number_month, warehouse.lane_time, warehouse.arrival, warehouse.delivery_line, warehouse.delivery;
