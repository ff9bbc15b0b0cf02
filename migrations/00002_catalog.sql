-- +goose Up
create schema catalog;

create table catalog.category (
  id int generated always as identity primary key,
  code text not null unique,
  name_zh text not null default '',
  name_en text not null default '',
  parent_id int references catalog.category,
  check (name_zh <> '' or name_en <> '')
);

create table catalog.sku (
  id int generated always as identity primary key,
  code text not null unique,
  gtin text not null default '',
  name_zh text not null default '',
  name_en text not null default '',
  category_id int not null references catalog.category,
  unit_zh text not null default '件',
  unit_en text not null default 'pcs',
  core boolean not null default false,
  shelf_life_days int not null default 0 check (shelf_life_days >= 0),
  min_remaining_days int not null default 0 check (min_remaining_days >= 0),
  temperature text not null default 'ambient' check (temperature in ('ambient','cool','chilled','frozen')),
  carton_pieces bigint not null default 1 check (carton_pieces > 0),
  weight_grams int not null default 0 check (weight_grams >= 0),
  volume_ml int not null default 0 check (volume_ml >= 0),
  price_fen bigint not null default 0 check (price_fen >= 0),
  launched date,
  retired date,
  successor_id int references catalog.sku,
  -- catalog.SearchTerms of code, names and GTIN: a query is found when all its terms are contained.
  search text[] not null default '{}',
  updated_at timestamptz not null default now(),
  check (name_zh <> '' or name_en <> '')
);
create index sku_search on catalog.sku using gin (search);
create index sku_category on catalog.sku (category_id, id);
create index sku_code_prefix on catalog.sku (code text_pattern_ops);
create unique index sku_gtin on catalog.sku (gtin) where gtin <> '';

create table catalog.site (
  id int generated always as identity primary key,
  code text not null unique,
  name_zh text not null default '',
  name_en text not null default '',
  city_zh text not null default '',
  city_en text not null default '',
  tier text not null check (tier in ('overseas','bonded','regional','front','station')),
  lat double precision not null check (lat between -90 and 90),
  lon double precision not null check (lon between -180 and 180),
  time_zone text not null default 'Asia/Shanghai',
  active boolean not null default true
);

create table catalog.lane (
  from_site int not null references catalog.site,
  to_site int not null references catalog.site,
  lead_mean_days real not null check (lead_mean_days > 0),
  lead_sd_days real not null default 0 check (lead_sd_days >= 0),
  priority smallint not null default 1,
  cost_fen_kg bigint not null default 0,
  primary key (from_site, to_site),
  check (from_site <> to_site)
);

create table catalog.supplier (
  id int generated always as identity primary key,
  code text not null unique,
  name_zh text not null default '',
  name_en text not null default '',
  city_zh text not null default '',
  city_en text not null default '',
  contact text not null default '',
  phone text not null default '',
  email text not null default '',
  active boolean not null default true,
  banned text not null default '',
  search text[] not null default '{}',
  updated_at timestamptz not null default now()
);
create index supplier_search on catalog.supplier using gin (search);

create table catalog.term (
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  part_no text not null default '',
  moq bigint not null default 1 check (moq > 0),
  pack bigint not null default 1 check (pack > 0),
  lead_mean_days real not null check (lead_mean_days > 0),
  lead_sd_days real not null default 0 check (lead_sd_days >= 0),
  capacity_day bigint not null default 0 check (capacity_day >= 0),
  backup boolean not null default false,
  ships_to int references catalog.site,
  -- [{"from": pieces, "price": fen}] ascending
  breaks jsonb not null default '[]',
  updated_at timestamptz not null default now(),
  primary key (sku_id, supplier_id)
);
create index term_supplier on catalog.term (supplier_id, sku_id);

create table catalog.topic (
  id int generated always as identity primary key,
  code text not null unique,
  name_zh text not null default '',
  name_en text not null default '',
  kind text not null default 'demand' check (kind in ('demand','complaint'))
);

create table catalog.topic_sku (
  topic_id int not null references catalog.topic on delete cascade,
  sku_id int not null references catalog.sku on delete cascade,
  weight real not null default 1 check (weight > 0 and weight <= 1),
  primary key (topic_id, sku_id)
);
create index topic_sku_sku on catalog.topic_sku (sku_id);

alter table access.account add constraint account_supplier foreign key (supplier_id) references catalog.supplier;
alter table access.account_site add constraint account_site_site foreign key (site_id) references catalog.site;

-- +goose Down
alter table access.account_site drop constraint account_site_site;
alter table access.account drop constraint account_supplier;
drop schema catalog cascade;
