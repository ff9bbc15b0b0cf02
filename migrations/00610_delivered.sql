-- +goose Up

-- When a rider handed the parcel over, or brought it back; when the last parcel of an order was handed over.
alter table warehouse.parcel add column delivered_at timestamptz;
alter table warehouse.parcel add column returned_at timestamptz;
alter table warehouse.outbound add column delivered_at timestamptz;
create index outbound_delivered on warehouse.outbound (delivered_at) where delivered_at is not null;

-- +goose Down
drop index warehouse.outbound_delivered;
alter table warehouse.outbound drop column delivered_at;
alter table warehouse.parcel drop column returned_at;
alter table warehouse.parcel drop column delivered_at;
