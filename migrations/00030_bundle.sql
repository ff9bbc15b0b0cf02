-- +goose Up

-- A bundle is a SKU that is sold but never stocked: these SKUs are, and leave in its place.
create table catalog.bundle_component (
  bundle_id int not null references catalog.sku,
  component_id int not null references catalog.sku,
  pieces bigint not null check (pieces > 0),
  -- Share of the bundle's price in ten-thousandths; 0 on every component divides by retail prices.
  share_bp int not null default 0 check (share_bp between 0 and 10000),
  primary key (bundle_id, component_id),
  check (bundle_id <> component_id)
);
create index bundle_component_component on catalog.bundle_component (component_id);

-- +goose Down
drop table catalog.bundle_component;
