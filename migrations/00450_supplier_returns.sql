-- +goose Up

-- Goods that go back to a supplier leave like every other order: they are picked, packed and handed over. Older rows left at once.
alter table warehouse.supplier_return drop constraint supplier_return_number_key;
alter table warehouse.supplier_return
  add column outbound_id bigint references warehouse.outbound,
  add column line_no int,
  add column status text not null default 'held',
  add column owner text not null default '',
  add column unit_cost_fen bigint not null default 0 check (unit_cost_fen >= 0),
  -- Who bears the cost of the goods and of their way back.
  add column bearer text not null default 'supplier' check (bearer in ('supplier','house','carrier','owner')),
  add column carriage_fen bigint not null default 0 check (carriage_fen >= 0),
  add column state text not null default 'sent' check (state in ('open','sent','cancelled')),
  add column closed_at timestamptz;
alter table warehouse.supplier_return add constraint supplier_return_line check ((outbound_id is null) = (line_no is null));
create unique index supplier_return_of on warehouse.supplier_return (outbound_id, line_no) where outbound_id is not null;
create index supplier_return_at on warehouse.supplier_return (site_id, at desc);
create index supplier_return_number on warehouse.supplier_return (number);

-- +goose Down
drop index warehouse.supplier_return_number, warehouse.supplier_return_at, warehouse.supplier_return_of;
alter table warehouse.supplier_return drop constraint supplier_return_line, drop column closed_at, drop column state, drop column carriage_fen, drop column bearer,
  drop column unit_cost_fen, drop column owner, drop column status, drop column line_no, drop column outbound_id;
alter table warehouse.supplier_return add constraint supplier_return_number_key unique (number);
