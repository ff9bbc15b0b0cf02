-- +goose Up

-- How lots of a category are inspected; the nearest category above decides, null is the house's own rule.
create table warehouse.inspection_rule (
  id int generated always as identity primary key,
  category_id int references catalog.category,
  inspect boolean not null default true,
  level text not null default 'II' check (level in ('I','II','III','S-1','S-2','S-3','S-4')),
  aql_major text not null default '2.5',
  aql_minor text not null default '4.0',
  updated_at timestamptz not null default now(),
  updated_by text not null default '',
  unique nulls not distinct (category_id)
);
insert into warehouse.inspection_rule (category_id) values (null);

create table warehouse.inspection (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references warehouse.delivery,
  site_id int not null references catalog.site,
  supplier_id int references catalog.supplier,
  sku_id int not null references catalog.sku,
  lot text not null default '',
  pieces bigint not null check (pieces > 0),
  -- waiting for the inspector, accepted, refused, or held for a reason that no inspection mends.
  state text not null default 'waiting' check (state in ('waiting','accepted','refused','held')),
  -- Why the lot is held besides defects: certificate, short_life, expired, unexpected, stopped, banned.
  reasons text[] not null default '{}',
  lacks jsonb not null default '[]',
  severity text not null default 'normal',
  level text not null default '',
  plans jsonb not null default '[]',
  sample int not null default 0,
  examined int not null default 0,
  critical int not null default 0,
  major int not null default 0,
  minor int not null default 0,
  used_up bigint not null default 0,
  failed text[] not null default '{}',
  received_day date not null,
  at timestamptz not null,
  decided_at timestamptz,
  decided_by text not null default '',
  note text not null default '',
  -- What became of pieces that were not accepted.
  released bigint not null default 0,
  scrapped bigint not null default 0,
  returned bigint not null default 0,
  unique (delivery_id, sku_id, lot)
);
create index inspection_open on warehouse.inspection (site_id, at) where state in ('waiting','refused','held');
create index inspection_supplier on warehouse.inspection (supplier_id, decided_at);
create index inspection_lot on warehouse.inspection (sku_id, lot);

create table warehouse.inspection_defect (
  id bigint generated always as identity primary key,
  inspection_id bigint not null references warehouse.inspection,
  class text not null check (class in ('critical','major','minor')),
  what text not null,
  pieces int not null check (pieces > 0),
  at timestamptz not null,
  actor text not null
);
create index inspection_defect_of on warehouse.inspection_defect (inspection_id);

-- Goods that go back to a supplier.
create table warehouse.supplier_return (
  id bigint generated always as identity primary key,
  number text not null unique,
  inspection_id bigint references warehouse.inspection,
  site_id int not null references catalog.site,
  supplier_id int references catalog.supplier,
  sku_id int not null references catalog.sku,
  lot text not null default '',
  pieces bigint not null check (pieces > 0),
  reason text not null,
  at timestamptz not null,
  actor text not null,
  operation_id uuid not null references warehouse.operation
);

-- +goose Down
drop table warehouse.supplier_return, warehouse.inspection_defect, warehouse.inspection, warehouse.inspection_rule;
