-- +goose Up

-- What one piece of a SKU weighs by the scales of the packing benches: number, mean and sum of squared differences (Welford).
create table warehouse.sku_weight (
  sku_id int primary key references catalog.sku,
  n bigint not null,
  mean double precision not null,
  m2 double precision not null
);

-- +goose Down
drop table warehouse.sku_weight;
