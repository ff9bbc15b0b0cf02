-- +goose Up

-- What a factory offers for a campaign; where it has said nothing, its terms of trade hold.
create table c2m.quotation (
  campaign_id bigint not null references c2m.campaign,
  supplier_id int not null references catalog.supplier,
  moq bigint not null check (moq >= 0),
  capacity bigint not null check (capacity > 0),
  price_fen bigint not null check (price_fen > 0),
  setup_fen bigint not null default 0 check (setup_fen >= 0),
  lead_days int not null check (lead_days between 1 and 365),
  grade int not null default 0,
  at timestamptz not null,
  primary key (campaign_id, supplier_id)
);

-- The lots of a campaign. What of a lot nobody pledged is stock of its owner.
create table c2m.campaign_lot (
  campaign_id bigint not null references c2m.campaign,
  no int not null check (no > 0),
  supplier_id int not null references catalog.supplier,
  asked bigint not null check (asked > 0),
  pieces bigint not null check (pieces >= 0),
  pledged bigint not null default 0 check (pledged >= 0 and pledged <= pieces),
  price_fen bigint not null,
  setup_fen bigint not null default 0,
  first_promise date not null,
  promise date not null,
  state text not null check (state in ('held','ordered','cancelled')),
  owner text not null default '',
  order_id bigint references c2m.factory_order,
  line int,
  primary key (campaign_id, no)
);
create index campaign_lot_order on c2m.campaign_lot (order_id) where order_id is not null;

create table c2m.material (
  id int generated always as identity primary key,
  code text not null unique,
  name_zh text not null default '',
  name_en text not null default '',
  unit text not null default '',
  on_hand_milli bigint not null default 0 check (on_hand_milli >= 0),
  pack_milli bigint not null default 1000 check (pack_milli > 0),
  moq_milli bigint not null default 0 check (moq_milli >= 0)
);
create table c2m.bill (
  sku_id int not null references catalog.sku,
  material_id int not null references c2m.material,
  per_unit_milli bigint not null check (per_unit_milli > 0),
  scrap_permille int not null default 0 check (scrap_permille between 0 and 999),
  primary key (sku_id, material_id)
);
create table c2m.material_purchase (
  campaign_id bigint not null references c2m.campaign,
  material_id int not null references c2m.material,
  pieces bigint not null,
  gross_milli bigint not null,
  net_milli bigint not null,
  buy_milli bigint not null,
  at timestamptz not null,
  primary key (campaign_id, material_id)
);

-- Drafts of what is told to the members whose promise moved.
create table c2m.member_message (
  id bigint generated always as identity primary key,
  campaign_id bigint not null references c2m.campaign,
  seq bigint not null,
  member text not null,
  kind text not null check (kind in ('promised','later','earlier','short')),
  was date,
  promise date,
  body_zh text not null,
  body_en text not null,
  state text not null default 'draft' check (state in ('draft','released')),
  at timestamptz not null
);
create index member_message_campaign on c2m.member_message (campaign_id, id);

-- +goose Down
drop table c2m.member_message, c2m.material_purchase, c2m.bill, c2m.material, c2m.campaign_lot, c2m.quotation;
