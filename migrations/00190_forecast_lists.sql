-- +goose Up
-- The demand list of one class: of a rare one, sorted by anything, only its own rows are read.
create index sku_stat_class on forecast.sku_stat (site_id, class);

-- +goose Down
drop index forecast.sku_stat_class;
