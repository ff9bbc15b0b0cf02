-- +goose Up

-- What a customer sent back, by line and lot. Grade A goes back to stock, B is damaged, C is scrap; '' waits to be graded.
create table warehouse.return_line (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  outbound_id bigint references warehouse.outbound,
  line_no int,
  sku_id int not null references catalog.sku,
  lot text not null default '',
  expiry date,
  pieces bigint not null check (pieces > 0),
  grade text not null default '' check (grade in ('','A','B','C')),
  reason text not null default '',
  note text not null default '',
  bin text not null default '',
  operation_id uuid not null unique references warehouse.operation,
  at timestamptz not null,
  actor text not null,
  graded_at timestamptz,
  graded_by text not null default '',
  check ((outbound_id is null) = (line_no is null))
);
create index return_line_order on warehouse.return_line (outbound_id, line_no) where outbound_id is not null;
create index return_line_at on warehouse.return_line (site_id, at);
create index return_line_open on warehouse.return_line (site_id, id) where grade = '';

-- The result of each proof of the ledger.
create table warehouse.audit_run (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  took_ms int not null,
  positions bigint not null,
  entries bigint not null,
  faults int not null,
  detail jsonb not null default '[]'
);
create index audit_run_at on warehouse.audit_run (at desc);

-- +goose Down
drop table warehouse.audit_run, warehouse.return_line;
