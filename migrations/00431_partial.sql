-- +goose Up

-- Transfers take what there is of a line; a customer's line is allocated whole or not at all.
alter table warehouse.shipment add column partial boolean not null default false;
update warehouse.shipment s set partial = true from warehouse.outbound o where o.id = s.outbound_id and o.kind <> 'sale';

-- +goose Down
alter table warehouse.shipment drop column partial;
