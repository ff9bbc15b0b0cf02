-- +goose Up

-- What was paid for all pieces of the line: shares of a bundle's price add up to the fen only so.
alter table warehouse.outbound_line rename column price_fen to amount_fen;
-- The bundle that the line is a part of, as it was ordered.
alter table warehouse.outbound_line add column bundle_sku_id int references catalog.sku;
alter table warehouse.outbound_line add column bundle_pieces bigint not null default 0 check (bundle_pieces >= 0);

-- state and allocated change with every allocation: no index names them, so that the change stays on the page (HOT).
drop index warehouse.outbound_line_queued, warehouse.outbound_line_short;
alter table warehouse.outbound_line set (fillfactor = 70);
alter table warehouse.position set (fillfactor = 60);
alter table warehouse.shipment set (fillfactor = 80);

-- Why the order goes from these sites: the version of the rules and what each of them said.
alter table warehouse.outbound add column rule_version int;
alter table warehouse.outbound add column sourcing jsonb;
alter table warehouse.outbound add column lot_day date;
alter table warehouse.outbound add column amount_fen bigint not null default 0 check (amount_fen >= 0);
create index outbound_phone_tail on warehouse.outbound (right(phone, 4), id) where phone <> '';
create index outbound_number on warehouse.outbound (number text_pattern_ops);

-- A shipment with a rank waits to be allocated: lower first. The rank is the microsecond of its arrival less its priority.
alter table warehouse.shipment add column queue_rank bigint;
create index shipment_queue on warehouse.shipment (site_id, queue_rank, id) where queue_rank is not null;

-- Lines that stock did not cover, in the same order. They are served before later ones when stock becomes available.
create table warehouse.shortage (
  outbound_id bigint not null,
  line_no int not null,
  site_id int not null references catalog.site,
  sku_id int not null references catalog.sku,
  shipment_id bigint not null references warehouse.shipment,
  pieces bigint not null check (pieces > 0),
  min_remaining_days int not null default 0,
  whole boolean not null default true,
  rank bigint not null,
  since timestamptz not null,
  primary key (outbound_id, line_no)
);
create index shortage_queue on warehouse.shortage (site_id, sku_id, rank, outbound_id, line_no);

-- A check of the parent for each allocation would cost as much as the allocation: the one statement that inserts them holds
-- the locks of both parents, and the monitor of the invariants proves it.
alter table warehouse.allocation drop constraint allocation_outbound_id_line_no_fkey;
alter table warehouse.allocation drop constraint allocation_position_id_fkey;

-- Sites with work for the allocation: dirty counts the news, done the last that a job has seen to.
create table warehouse.site_queue (
  site_id int primary key references catalog.site,
  dirty_seq bigint not null default 0,
  done_seq bigint not null default 0
);

-- The rules by which orders are given to sites, as data. The highest version is in force.
create table warehouse.sourcing_rule (
  version int primary key,
  body jsonb not null,
  note text not null default '',
  account_id bigint references access.account,
  actor text not null default '',
  at timestamptz not null
);

-- Pieces of a cancelled or changed order that somebody carries already: to be put back from a tote, or out of a parcel.
create table warehouse.put_back (
  id bigint generated always as identity primary key,
  outbound_id bigint not null references warehouse.outbound,
  line_no int not null,
  shipment_id bigint not null references warehouse.shipment,
  site_id int not null references catalog.site,
  allocation_id bigint not null unique,
  stage text not null check (stage in ('tote','parcel')),
  reason text not null default '',
  since timestamptz not null,
  done_at timestamptz,
  operation_id uuid
);
create index put_back_open on warehouse.put_back (site_id, since) where done_at is null;
create index put_back_shipment on warehouse.put_back (shipment_id) where done_at is null;

-- What befell an order that no other row tells: changes, refusals, splits, in words for people.
create table warehouse.outbound_event (
  id bigint generated always as identity primary key,
  outbound_id bigint not null references warehouse.outbound,
  at timestamptz not null,
  kind text not null,
  actor text not null default '',
  detail jsonb not null default '{}'
);
create index outbound_event_outbound on warehouse.outbound_event (outbound_id, id);

-- +goose Down
drop table warehouse.outbound_event, warehouse.put_back, warehouse.sourcing_rule, warehouse.site_queue, warehouse.shortage;
drop index warehouse.shipment_queue, warehouse.outbound_number, warehouse.outbound_phone_tail;
alter table warehouse.allocation add foreign key (outbound_id, line_no) references warehouse.outbound_line;
alter table warehouse.allocation add foreign key (position_id) references warehouse.position;
alter table warehouse.shipment drop column queue_rank, reset (fillfactor);
alter table warehouse.outbound drop column amount_fen, drop column lot_day, drop column sourcing, drop column rule_version;
alter table warehouse.position reset (fillfactor);
alter table warehouse.outbound_line reset (fillfactor);
alter table warehouse.outbound_line drop column bundle_pieces, drop column bundle_sku_id;
alter table warehouse.outbound_line rename column amount_fen to price_fen;
create index outbound_line_queued on warehouse.outbound_line (site_id, queued_at) where state = 'queued';
create index outbound_line_short on warehouse.outbound_line (site_id, sku_id, queued_at) where state = 'short';
