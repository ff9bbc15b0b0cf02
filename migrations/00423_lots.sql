-- +goose Up

-- A lot that is held or recalled in the whole house, from one action until it is lifted. What arrives of it later is held too.
create table warehouse.lot_freeze (
  id bigint generated always as identity primary key,
  sku_id int not null references catalog.sku,
  lot text not null,
  status text not null check (status in ('held','recalled')),
  reason text not null,
  drill boolean not null default false,
  operation_id uuid not null references warehouse.operation,
  at timestamptz not null,
  actor text not null,
  lifted_at timestamptz,
  lifted_by text not null default '',
  lift_reason text not null default '',
  -- What the action found: pieces frozen by place, and orders that had gone out.
  positions int not null default 0,
  pieces bigint not null default 0,
  released bigint not null default 0,
  orders int not null default 0,
  shipped bigint not null default 0
);
create unique index lot_freeze_open on warehouse.lot_freeze (sku_id, lot) where lifted_at is null and not drill;
create index lot_freeze_at on warehouse.lot_freeze (at);

-- +goose Down
drop table warehouse.lot_freeze;
