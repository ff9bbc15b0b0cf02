-- +goose Up
create schema warehouse;

create table warehouse.lot (
  id bigint generated always as identity primary key,
  sku_id int not null references catalog.sku,
  code text not null default '',
  produced date,
  expiry date,
  unique (sku_id, code),
  check (produced is null or expiry is null or produced <= expiry)
);

-- Where goods stand: one row for each site, bin, lot, owner and status.
create table warehouse.position (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  bin text not null default '',
  sku_id int not null references catalog.sku,
  lot_id bigint not null references warehouse.lot,
  owner text not null default '',
  status text not null default 'available'
    check (status in ('available','held','damaged','recalled','in_transit','returned')),
  on_hand bigint not null default 0,
  reserved bigint not null default 0,
  unique (site_id, bin, sku_id, lot_id, owner, status),
  check (0 <= reserved and reserved <= on_hand)
);
create index position_sku on warehouse.position (sku_id, site_id);

-- What happened: an operation is one command of a person, device or job, done once however often it is sent.
create table warehouse.operation (
  id uuid primary key,
  cause text not null check (cause in ('opening','receipt','adjustment')),
  at timestamptz not null,
  account_id bigint references access.account,
  actor text not null,
  note text not null default ''
);

-- The ledger: append-only, from one position to another. A side outside of the house (supplier, count difference) is null.
create table warehouse.entry (
  id bigint generated always as identity primary key,
  operation_id uuid not null references warehouse.operation,
  from_position bigint references warehouse.position,
  to_position bigint references warehouse.position,
  pieces bigint not null check (pieces > 0),
  check (from_position is not null or to_position is not null),
  check (from_position is distinct from to_position)
);
create index entry_from on warehouse.entry (from_position) where from_position is not null;
create index entry_to on warehouse.entry (to_position) where to_position is not null;
create index entry_operation on warehouse.entry (operation_id);

-- +goose StatementBegin
create function warehouse.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the stock ledger is append-only: correct it with a further entry';
end $$;
-- +goose StatementEnd
create trigger entry_append_only before update or delete on warehouse.entry
  for each statement execute function warehouse.refuse_change();

-- +goose Down
drop schema warehouse cascade;
