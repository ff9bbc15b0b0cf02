-- +goose Up

-- How often a SKU is picked at a site, in lines: the class by which bins are chosen and counted. Refreshed by the clock.
create table warehouse.sku_class (
  site_id int not null references catalog.site,
  sku_id int not null references catalog.sku,
  class text not null check (class in ('A','B','C')),
  lines bigint not null default 0,
  at timestamptz not null,
  primary key (site_id, sku_id)
);

-- From where a SKU is picked: refilled from the reserve when fewer than min stand there, up to max.
create table warehouse.pick_face (
  site_id int not null references catalog.site,
  sku_id int not null references catalog.sku,
  bin text not null,
  min_pieces bigint not null check (min_pieces >= 0),
  max_pieces bigint not null check (max_pieces >= 1 and max_pieces >= min_pieces),
  primary key (site_id, sku_id, bin)
);
create index pick_face_bin on warehouse.pick_face (site_id, bin);

-- Pieces that somebody brings down from the reserve to a pick face.
create table warehouse.refill (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  sku_id int not null references catalog.sku,
  lot text not null,
  owner text not null default '',
  from_bin text not null,
  to_bin text not null,
  pieces bigint not null check (pieces > 0),
  urgent boolean not null default false,
  state text not null default 'open' check (state in ('open','done','cancelled')),
  at timestamptz not null,
  taken_by bigint references access.account,
  taken_until timestamptz,
  done_at timestamptz,
  done_by text not null default '',
  moved bigint not null default 0
);
create unique index refill_open on warehouse.refill (site_id, sku_id, to_bin, lot, from_bin) where state = 'open';
create index refill_queue on warehouse.refill (site_id, urgent desc, id) where state = 'open';

-- How bins are counted at a site: the house's own rule is that of no site.
create table warehouse.count_rule (
  id int generated always as identity primary key,
  site_id int references catalog.site,
  every_a int not null default 30 check (every_a between 1 and 730),
  every_b int not null default 90 check (every_b between 1 and 730),
  every_c int not null default 180 check (every_c between 1 and 730),
  per_day int not null default 60 check (per_day between 0 and 5000),
  -- A difference of so many pieces, or so many ten-thousandths of the stock, whichever is more, is booked without a second count.
  tolerance_pieces bigint not null default 0 check (tolerance_pieces >= 0),
  tolerance_bp int not null default 0 check (tolerance_bp between 0 and 1000),
  -- A difference worth more than so much waits for a lead even when two counts agree.
  lead_fen bigint not null default 50000 check (lead_fen >= 0),
  updated_at timestamptz not null default now(),
  updated_by text not null default '',
  unique nulls not distinct (site_id)
);
insert into warehouse.count_rule (site_id) values (null);

create table warehouse.count_task (
  id bigint generated always as identity primary key,
  site_id int not null references catalog.site,
  bin text not null,
  reason text not null check (reason in ('doubt','never','due','asked')),
  state text not null default 'open' check (state in ('open','recount','review','done','cancelled')),
  round int not null default 1,
  day date not null,
  at timestamptz not null,
  by_name text not null default '',
  taken_by bigint references access.account,
  taken_until timestamptz,
  decided_at timestamptz,
  decided_by text not null default '',
  cause text not null default '',
  note text not null default '',
  operation_id uuid references warehouse.operation,
  difference bigint not null default 0,
  value_fen bigint not null default 0
);
create unique index count_task_open on warehouse.count_task (site_id, bin) where state in ('open','recount','review');
create index count_task_queue on warehouse.count_task (site_id, state, id) where state in ('open','recount','review');
create index count_task_done on warehouse.count_task (site_id, decided_at) where state = 'done';

-- What somebody counted in a bin, blind, with what the book said at that instant.
create table warehouse.count_entry (
  id bigint generated always as identity primary key,
  task_id bigint not null references warehouse.count_task,
  round int not null,
  sku_id int not null references catalog.sku,
  lot text not null default '',
  produced date,
  expiry date,
  owner text not null default '',
  counted bigint not null check (counted >= 0),
  booked bigint not null,
  at timestamptz not null,
  account_id bigint references access.account,
  actor text not null,
  unique (task_id, round, sku_id, lot, owner)
);

-- +goose Down
drop table warehouse.count_entry, warehouse.count_task, warehouse.count_rule, warehouse.refill, warehouse.pick_face, warehouse.sku_class;
