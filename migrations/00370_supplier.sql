-- +goose Up

alter table c2m.file drop constraint file_kind_check;
alter table c2m.file add constraint file_kind_check check (kind in ('order','answer','asn','forecast','annotated','certificate','capacity','statement'));
alter table c2m.upload drop constraint upload_kind_check;
alter table c2m.upload add constraint upload_kind_check check (kind in ('answer','asn','forecast','capacity','statement'));

-- What an inspection found, for the defects in a million: of Pieces, a sample was looked at.
alter table c2m.lot_result add column pieces bigint not null default 0, add column sample int not null default 0, add column defects int not null default 0;

-- An appeal is decided by two people: the first proposes, another confirms.
alter table c2m.card add column proposal text not null default '' check (proposal in ('','upheld','withdrawn')), add column proposed_at timestamptz,
  add column proposed_by text not null default '', add column proposed_by_id bigint not null default 0, add column proposal_reason text not null default '';

-- The reminders that were given of a certificate, one for each number of days before it lapses.
create table c2m.certificate_reminder (
  certificate_id bigint not null references c2m.certificate on delete cascade,
  days int not null check (days >= 0),
  at timestamptz not null,
  primary key (certificate_id, days)
);

-- Rules as data, one row a set.
create table c2m.supply_rule (
  name text primary key,
  value jsonb not null,
  at timestamptz not null,
  by_name text not null
);

-- The tier that a person has set; without a row the score decides.
create table c2m.tier (
  supplier_id int primary key references catalog.supplier,
  tier text not null check (tier in ('preferred','standard','trial')),
  reason text not null,
  by_name text not null,
  at timestamptz not null
);

-- Who gets which part of what is ordered of a SKU, and the steps that led there.
create table c2m.share (
  sku_id int not null references catalog.sku,
  supplier_id int not null references catalog.supplier,
  share_bp int not null check (share_bp between 0 and 10000),
  why jsonb not null default '{}',
  at timestamptz not null,
  by_name text not null,
  primary key (sku_id, supplier_id)
);

-- What can be made in a week: one cell, written by sheet and portal; version counts its entries.
create table c2m.capacity (
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  monday date not null check (extract(isodow from monday) = 1),
  pieces bigint not null check (pieces >= 0),
  version int not null check (version > 0),
  via text not null check (via in ('portal','sheet','buyer')),
  by_name text not null,
  at timestamptz not null,
  primary key (supplier_id, sku_id, monday)
);
create table c2m.capacity_version (
  supplier_id int not null,
  sku_id int not null,
  monday date not null,
  version int not null,
  pieces bigint not null,
  via text not null,
  by_name text not null,
  at timestamptz not null,
  primary key (supplier_id, sku_id, monday, version)
);
create table c2m.capacity_conflict (
  id bigint generated always as identity primary key,
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  monday date not null,
  base int not null,
  pieces bigint not null check (pieces >= 0),
  via text not null,
  by_name text not null,
  at timestamptz not null,
  settled_at timestamptz,
  settled_by text not null default '',
  taken boolean not null default false
);
create index capacity_conflict_open on c2m.capacity_conflict (supplier_id) where settled_at is null;

-- Stock that the supplier keeps for the house (VMI), as it reported it last.
create table c2m.vmi (
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  on_hand bigint not null check (on_hand >= 0),
  reserved bigint not null default 0 check (reserved >= 0 and reserved <= on_hand),
  in_production bigint not null default 0 check (in_production >= 0),
  min_pieces bigint not null default 0 check (min_pieces >= 0),
  max_pieces bigint not null default 0 check (max_pieces >= min_pieces),
  day date not null,
  by_name text not null default '',
  at timestamptz not null,
  primary key (supplier_id, sku_id)
);

-- How far the supplier is with a line of an order, by stage.
create table c2m.progress (
  order_id bigint not null references c2m.factory_order on delete cascade,
  line int not null,
  stage text not null check (stage in ('material','cutting','production','qc','packed')),
  done bigint not null check (done >= 0),
  finish date,
  reason text not null default '',
  by_name text not null,
  at timestamptz not null,
  primary key (order_id, line, stage)
);

-- How a supplier is paid, and what is taken off.
create table c2m.trade (
  supplier_id int primary key references catalog.supplier,
  currency text not null,
  incoterm text not null,
  payment_days int not null,
  late_bp int not null,
  late_most_bp int not null,
  grace int not null,
  short_bp int not null,
  rebate_bp int not null default 0,
  rebate_from_fen bigint not null default 0,
  at timestamptz not null,
  by_name text not null
);

-- What a currency's minor unit is worth, in millionths of a fen.
create table c2m.exchange (
  currency text not null,
  day date not null,
  rate bigint not null check (rate > 0),
  by_name text not null,
  primary key (currency, day)
);

-- What a supplier asks for a SKU, in its own currency and term of delivery.
create table c2m.offer (
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  currency text not null,
  incoterm text not null,
  from_pieces bigint not null check (from_pieces > 0),
  price bigint not null check (price > 0),
  tooling_fen bigint not null default 0 check (tooling_fen >= 0),
  freight_fen bigint not null default 0 check (freight_fen >= 0),
  duty_bp int not null default 0,
  vat_bp int not null default 0,
  lead_days int not null,
  moq bigint not null,
  valid_to date,
  note text not null default '',
  at timestamptz not null,
  by_name text not null,
  primary key (supplier_id, sku_id, from_pieces)
);

-- The last number given to statements and advances in each month (YYMM).
create table c2m.paper_month (
  kind text not null check (kind in ('ST','AD')),
  month text not null check (month ~ '^[0-9]{4}$'),
  last int not null check (last > 0),
  primary key (kind, month)
);

-- +goose Down
drop table c2m.paper_month, c2m.offer, c2m.exchange, c2m.trade, c2m.progress, c2m.vmi, c2m.capacity_conflict, c2m.capacity_version, c2m.capacity, c2m.share, c2m.tier,
  c2m.supply_rule, c2m.certificate_reminder;
alter table c2m.card drop column proposal, drop column proposed_at, drop column proposed_by, drop column proposed_by_id, drop column proposal_reason;
alter table c2m.lot_result drop column pieces, drop column sample, drop column defects;
delete from c2m.upload where kind in ('capacity','statement');
alter table c2m.upload drop constraint upload_kind_check;
alter table c2m.upload add constraint upload_kind_check check (kind in ('answer','asn','forecast'));
delete from c2m.file where kind in ('capacity','statement');
alter table c2m.file drop constraint file_kind_check;
alter table c2m.file add constraint file_kind_check check (kind in ('order','answer','asn','forecast','annotated','certificate'));
