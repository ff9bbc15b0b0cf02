-- +goose Up
-- Goods without a past that a buyer has likened to others; others follow from the catalogue.
create table replenish.likeness (
  sku_id int primary key references catalog.sku,
  like_id int not null references catalog.sku,
  ratio real not null check (ratio between 0.05 and 20),
  by_id bigint not null default 0,
  at timestamptz not null,
  check (like_id <> sku_id)
);

-- Suppliers who keep the stock of their goods up by themselves.
create table replenish.vmi (
  supplier_id int primary key references catalog.supplier,
  by_id bigint not null default 0,
  at timestamptz not null
);

-- The bounds that they keep to; replenishment.MinMax as the last plan of the SKU set it.
create table replenish.min_max (
  sku_id int not null references catalog.sku,
  site_id int not null references catalog.site,
  supplier_id int not null references catalog.supplier,
  least bigint not null,
  most bigint not null,
  position bigint not null,
  send bigint not null default 0,
  planned_on date not null,
  primary key (sku_id, site_id)
);
create index min_max_supplier on replenish.min_max (supplier_id, (send = 0), sku_id);

-- +goose Down
drop table replenish.min_max, replenish.vmi, replenish.likeness;
