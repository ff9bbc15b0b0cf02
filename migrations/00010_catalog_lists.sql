-- +goose Up
-- A change is refused when the row has changed since it was read: every kind of master data carries its version.
alter table catalog.category add column updated_at timestamptz not null default now();
alter table catalog.site add column updated_at timestamptz not null default now();
alter table catalog.lane add column updated_at timestamptz not null default now();
alter table catalog.topic add column updated_at timestamptz not null default now();

-- The orders in which the list of SKUs can be read page by page. A SKU without a launch day is the oldest.
create index sku_by_price on catalog.sku (price_fen, id);
create index sku_by_updated on catalog.sku (updated_at, id);
create index sku_by_launched on catalog.sku (coalesce(launched, date '0001-01-01'), id);
-- The few among the many.
create index sku_core on catalog.sku (code) where core;
create index sku_retired on catalog.sku (retired, id) where retired is not null;
create index sku_successor on catalog.sku (successor_id) where successor_id is not null;
create index supplier_by_code on catalog.supplier (code text_pattern_ops);
create index category_parent on catalog.category (parent_id);
create index lane_to on catalog.lane (to_site, priority);

-- Frequent pairs of characters must be known as such, or the planner reads half the catalog for "奶粉".
alter table catalog.sku alter column search set statistics 1000;

-- +goose Down
alter table catalog.sku alter column search set statistics -1;
drop index catalog.lane_to;
drop index catalog.category_parent;
drop index catalog.supplier_by_code;
drop index catalog.sku_successor;
drop index catalog.sku_retired;
drop index catalog.sku_core;
drop index catalog.sku_by_launched;
drop index catalog.sku_by_updated;
drop index catalog.sku_by_price;
alter table catalog.topic drop column updated_at;
alter table catalog.lane drop column updated_at;
alter table catalog.site drop column updated_at;
alter table catalog.category drop column updated_at;
