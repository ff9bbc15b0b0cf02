-- +goose Up
-- What the search box looks for by its beginning.
create index parcel_number_prefix on warehouse.parcel (number text_pattern_ops);
create index lot_code_prefix on warehouse.lot (code text_pattern_ops) where code <> '';
create index delivery_number_prefix on warehouse.delivery (number text_pattern_ops);
create index delivery_tracking_prefix on warehouse.delivery (tracking text_pattern_ops) where tracking <> '';
create index bin_code_prefix on warehouse.bin (code text_pattern_ops);

-- +goose Down
drop index warehouse.bin_code_prefix, warehouse.delivery_tracking_prefix, warehouse.delivery_number_prefix, warehouse.lot_code_prefix, warehouse.parcel_number_prefix;
