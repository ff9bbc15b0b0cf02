-- +goose Up

-- Pieces by four weeks of the horizon without what heat adds: what the forecasts of totals, which know no heat, are held against.
alter table forecast.shard_total add column calm double precision[] not null default '{}';

-- A hole in the data is of a site, not of a series.
alter table forecast.alarm alter column sku_id drop not null;
drop index forecast.alarm_standing;
create unique index alarm_standing on forecast.alarm (coalesce(sku_id, 0), site_id, kind) where state <> 'over';

-- +goose Down
drop index forecast.alarm_standing;
delete from forecast.alarm where sku_id is null;
alter table forecast.alarm alter column sku_id set not null;
create unique index alarm_standing on forecast.alarm (sku_id, site_id, kind) where state <> 'over';
alter table forecast.shard_total drop column calm;
