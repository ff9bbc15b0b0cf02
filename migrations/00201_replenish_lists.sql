-- +goose Up
-- The stock list by urgency, and that of one site by cover.
create index sku_stat_urgency on replenish.sku_stat (rank, cover_days, sku_id);
create index level_site_cover on replenish.level (site_id, cover_days, sku_id);
drop index replenish.level_site;
create index level_site_status on replenish.level (site_id, status, cover_days, sku_id);

-- +goose Down
drop index replenish.level_site_status;
create index level_site on replenish.level (site_id, status);
drop index replenish.level_site_cover;
drop index replenish.sku_stat_urgency;
