-- +goose Up
alter table warehouse.bin add column updated_at timestamptz not null default now();
-- When somebody last counted the place; null for never.
alter table warehouse.bin add column counted_at timestamptz;
create index bin_zone on warehouse.bin (site_id, zone, aisle, bay, level);

-- The answer that a command of a device got, where it cannot be worked out anew: the same command again gets the same answer.
create table warehouse.reply (
  operation_id uuid primary key references warehouse.operation,
  verb text not null,
  body jsonb not null
);

-- +goose Down
drop table warehouse.reply;
drop index warehouse.bin_zone;
alter table warehouse.bin drop column updated_at, drop column counted_at;
