-- +goose Up

-- Every cause for which stock moves. There is no other way to change it.
alter table warehouse.operation drop constraint operation_cause_check;
alter table warehouse.operation add constraint operation_cause_check check (cause in (
  'opening','receipt','adjustment','inspection','putaway','move','replenish','pick','unpick','pack','ship','count','return','scrap',
  'hold','release','recall','transfer_out','transfer_in','reversal'));
alter table warehouse.operation add column reverses uuid references warehouse.operation;
-- The device's own time, where a command was made without the network; at is the server's.
alter table warehouse.operation add column device text not null default '';
alter table warehouse.operation add column made_at timestamptz;
create index operation_at on warehouse.operation (at);

-- Where pieces may stand. The bin '' is a site's floor: stock that nobody has put away. Totes (kind tote) are bins that walk.
create table warehouse.bin (
  site_id int not null references catalog.site,
  code text not null check (code <> '' and code = upper(code) and length(code) <= 24),
  kind text not null check (kind in ('dock','inspect','reserve','pick','tote','stage','pack','returns','quarantine','scrap')),
  zone text not null default '',
  aisle int not null default 0,
  bay int not null default 0,
  level int not null default 0,
  side smallint not null default 0 check (side in (0, 1)),
  temperature text not null default 'ambient' check (temperature in ('ambient','cool','chilled','frozen')),
  -- What fits in; 0 is without bound.
  capacity_ml bigint not null default 0 check (capacity_ml >= 0),
  capacity_grams bigint not null default 0 check (capacity_grams >= 0),
  mixed_skus boolean not null default false,
  mixed_lots boolean not null default false,
  -- The walking class of the place, A nearest to the packing bench.
  velocity text not null default 'C' check (velocity in ('A','B','C')),
  active boolean not null default true,
  primary key (site_id, code)
);

create index position_site_sku on warehouse.position (site_id, sku_id) where on_hand > 0;
create index position_bin on warehouse.position (site_id, bin) where on_hand > 0;
create index position_lot on warehouse.position (lot_id) where on_hand > 0;

-- What has to leave a site: a customer's order, a transfer to another site, goods back to a supplier (出库单).
create table warehouse.outbound (
  id bigint generated always as identity primary key,
  kind text not null default 'sale' check (kind in ('sale','transfer','supplier_return')),
  channel text not null check (channel <> ''),
  number text not null check (number <> ''),
  -- Of the content as it was first sent: the same again is answered with what is stored, another content is refused.
  content_hash bytea not null,
  placed_at timestamptz not null,
  received_at timestamptz not null,
  promise text not null default 'none' check (promise in ('minutes30','next_day','lot_day','none')),
  promise_at timestamptz,
  priority smallint not null default 0,
  lat double precision check (lat between -90 and 90),
  lon double precision check (lon between -180 and 180),
  area text not null default '',
  -- What staff may read; the whole data stand in sealed, encrypted, until erased.
  consignee text not null default '',
  phone text not null default '',
  address text not null default '',
  sealed bytea,
  erased_at timestamptz,
  to_site int references catalog.site,
  supplier_id int references catalog.supplier,
  suggestion_id bigint,
  state text not null default 'new'
    check (state in ('new','waiting','allocated','picking','packed','shipped','delivered','cancelled','returned')),
  revision int not null default 1,
  note text not null default '',
  cancelled_at timestamptz,
  cancel_reason text not null default '',
  shipped_at timestamptz,
  unique (channel, number),
  check ((kind = 'transfer') = (to_site is not null))
);
create index outbound_open on warehouse.outbound (state, id) where state not in ('shipped','delivered','cancelled','returned');
create index outbound_new on warehouse.outbound (id) where state = 'new';
create index outbound_received on warehouse.outbound (received_at);
create unique index outbound_suggestion on warehouse.outbound (suggestion_id) where suggestion_id is not null;

create table warehouse.outbound_line (
  outbound_id bigint not null references warehouse.outbound,
  no int not null check (no > 0),
  sku_id int not null references catalog.sku,
  pieces bigint not null check (pieces > 0),
  price_fen bigint not null default 0 check (price_fen >= 0),
  -- The line of the bundle that this component was exploded from; 0 for goods ordered as they are.
  bundle_no int not null default 0,
  min_remaining_days int not null default 0 check (min_remaining_days >= 0),
  site_id int references catalog.site,
  allocated bigint not null default 0,
  shipped bigint not null default 0,
  cancelled bigint not null default 0,
  state text not null default 'new' check (state in ('new','queued','short','allocated','shipped','cancelled')),
  -- The fair order of the queue: earlier first, within a priority.
  queued_at timestamptz,
  primary key (outbound_id, no),
  check (0 <= shipped and shipped <= allocated and 0 <= cancelled and allocated + cancelled <= pieces)
);
create index outbound_line_queued on warehouse.outbound_line (site_id, queued_at) where state = 'queued';
create index outbound_line_short on warehouse.outbound_line (site_id, sku_id, queued_at) where state = 'short';
create index outbound_line_sku on warehouse.outbound_line (sku_id, outbound_id);

-- The part of an outbound order that one site sends: one parcel, or several.
create table warehouse.shipment (
  id bigint generated always as identity primary key,
  outbound_id bigint not null references warehouse.outbound,
  site_id int not null references catalog.site,
  state text not null default 'waiting'
    check (state in ('waiting','ready','released','picking','picked','packed','handed_over','cancelled')),
  carrier text not null default '',
  cutoff_at timestamptz,
  cold boolean not null default false,
  wave_id bigint,
  tote text not null default '',
  ready_at timestamptz,
  picked_at timestamptz,
  packed_at timestamptz,
  handed_over_at timestamptz,
  unique (outbound_id, site_id)
);
create index shipment_open on warehouse.shipment (site_id, state, cutoff_at) where state not in ('handed_over','cancelled');
create index shipment_wave on warehouse.shipment (wave_id) where wave_id is not null;

-- Pieces promised to a line. While it is open (reserved, picked, packed) its pieces are part of position.reserved, and the
-- position is where the pieces stand: a pick moves the allocation from the bin to the tote together with the pieces.
create table warehouse.allocation (
  id bigint generated always as identity primary key,
  outbound_id bigint not null,
  line_no int not null,
  site_id int not null,
  sku_id int not null,
  position_id bigint not null references warehouse.position,
  pieces bigint not null check (pieces > 0),
  state text not null default 'reserved' check (state in ('reserved','picked','packed','shipped','released')),
  at timestamptz not null,
  foreign key (outbound_id, line_no) references warehouse.outbound_line
);
create index allocation_line on warehouse.allocation (outbound_id, line_no);
create index allocation_position on warehouse.allocation (position_id) where state in ('reserved','picked','packed');

-- +goose Down
drop table warehouse.allocation, warehouse.shipment, warehouse.outbound_line, warehouse.outbound, warehouse.bin;
drop index warehouse.position_site_sku, warehouse.position_bin, warehouse.position_lot, warehouse.operation_at;
alter table warehouse.operation drop column reverses, drop column device, drop column made_at;
alter table warehouse.operation drop constraint operation_cause_check;
alter table warehouse.operation add constraint operation_cause_check check (cause in ('opening','receipt','adjustment'));
