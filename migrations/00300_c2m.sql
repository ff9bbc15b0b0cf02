-- +goose Up
create schema c2m;

-- The last order number given in each month (YYMM). The row lock lasts to the end of the transaction: no gap, no number twice.
create table c2m.order_month (
  month text primary key check (month ~ '^[0-9]{4}$'),
  last int not null check (last > 0)
);

create table c2m.file (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('order','answer','asn','forecast','annotated')),
  supplier_id int not null references catalog.supplier,
  name text not null,
  mime text not null,
  size int not null,
  sha256 bytea not null,
  content bytea not null,
  at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default ''
);
create index file_sha on c2m.file (supplier_id, sha256);

create table c2m.factory_order (
  id bigint generated always as identity primary key,
  number text not null unique,
  supplier_id int not null references catalog.supplier,
  ship_to int not null references catalog.site,
  buyer_id bigint not null default 0,
  buyer text not null default '',
  state text not null check (state in ('draft','sent','answered','confirmed','producing','shipped','received','closed','cancelled')),
  revision bigint not null default 1,
  next_line int not null default 1,
  version int not null default 0,
  answer_id bigint,
  contract text not null default '',
  payment text not null default '',
  licence text not null default '',
  note text not null default '',
  reason text not null default '',
  created_at timestamptz not null,
  sent_at timestamptz,
  answered_at timestamptz,
  confirmed_at timestamptz,
  producing_at timestamptz,
  dispatched_at timestamptz,
  received_at timestamptz,
  closed_at timestamptz,
  cancelled_at timestamptz,
  touched_at timestamptz not null,
  -- What lists show and sort by, written with the order.
  line_count int not null default 0,
  pieces bigint not null default 0,
  amount_fen bigint not null default 0,
  due date,
  next_day date,
  reply_by timestamptz,
  undecided int not null default 0,
  changed boolean not null default true,
  confirmation text not null default '',
  search text[] not null default '{}'
);
create index factory_order_state on c2m.factory_order (state, id);
create index factory_order_supplier on c2m.factory_order (supplier_id, id);
create index factory_order_search on c2m.factory_order using gin (search);

-- The buyer's working copy.
create table c2m.order_line (
  order_id bigint not null references c2m.factory_order on delete cascade,
  no int not null check (no > 0),
  sku_id int not null references catalog.sku,
  pieces bigint not null check (pieces > 0),
  price_fen bigint not null check (price_fen >= 0),
  by_hand boolean not null default false,
  tax_bp int not null check (tax_bp between 0 and 10000),
  due date not null,
  min_remaining_days int not null default 0,
  part_no text not null default '',
  pack bigint not null default 0,
  moq bigint not null default 0,
  suggestion_id bigint,
  spec text not null default '',
  note text not null default '',
  shipped bigint not null default 0 check (shipped >= 0),
  came bigint not null default 0 check (came >= 0),
  primary key (order_id, no)
);
create index order_line_sku on c2m.order_line (sku_id, order_id);

-- Which order took a suggestion on. The row outlives the line, so that a repeated message never orders twice.
create table c2m.suggestion_taken (
  suggestion_id bigint primary key,
  order_id bigint not null references c2m.factory_order on delete cascade,
  line int not null,
  at timestamptz not null
);

-- What was sent, frozen. paper holds all that the sheet says besides the lines.
create table c2m.order_version (
  order_id bigint not null references c2m.factory_order on delete cascade,
  version int not null check (version > 0),
  sent_at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default '',
  reply_by timestamptz not null,
  reason text not null default '',
  conditions jsonb not null,
  lines jsonb not null,
  paper jsonb not null,
  primary key (order_id, version)
);

-- The lines of the current version once more, so that what is awaited of a SKU is found at once.
create table c2m.sent_line (
  order_id bigint not null references c2m.factory_order on delete cascade,
  no int not null,
  sku_id int not null references catalog.sku,
  pieces bigint not null,
  due date not null,
  suggestion_id bigint,
  primary key (order_id, no)
);
create index sent_line_sku on c2m.sent_line (sku_id, order_id);

-- The sheets made of a version, one a language.
create table c2m.order_sheet (
  order_id bigint not null,
  version int not null,
  language text not null check (language in ('zh','en')),
  file_id bigint not null references c2m.file,
  primary key (order_id, version, language),
  foreign key (order_id, version) references c2m.order_version on delete cascade
);

create table c2m.answer (
  id bigint generated always as identity primary key,
  order_id bigint not null references c2m.factory_order on delete cascade,
  version int not null,
  at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default '',
  file_id bigint references c2m.file,
  lines jsonb not null
);
create index answer_order on c2m.answer (order_id, id);
alter table c2m.factory_order add foreign key (answer_id) references c2m.answer;

-- Where the current answer differs, and what the buyer said to it.
create table c2m.deviation (
  order_id bigint not null references c2m.factory_order on delete cascade,
  line int not null,
  kind text not null check (kind in ('pieces','day','price','pack','unknown','unanswered')),
  sku_id int not null references catalog.sku,
  asked_pieces bigint not null,
  pieces bigint not null,
  asked_day date not null,
  day date not null,
  days int not null,
  moved bigint not null,
  asked_price_fen bigint not null,
  price_fen bigint not null,
  unit bigint not null,
  below_moq boolean not null,
  decision text not null check (decision in ('open','accepted','refused')),
  by_id bigint not null default 0,
  by_name text not null default '',
  at timestamptz,
  why text not null default '',
  primary key (order_id, line, kind)
);

-- The lines on which both sides agree, and their promises. An agreement without promises says that nothing will come.
create table c2m.agreement (
  order_id bigint not null references c2m.factory_order on delete cascade,
  line int not null,
  version int not null,
  primary key (order_id, line)
);
create table c2m.promise (
  order_id bigint not null,
  line int not null,
  split int not null,
  pieces bigint not null check (pieces > 0),
  day date not null,
  price_fen bigint not null,
  primary key (order_id, line, split),
  foreign key (order_id, line) references c2m.agreement on delete cascade
);
-- The promises as they were first made in a version: what a supplier is measured by, however often they move.
create table c2m.first_promise (
  order_id bigint not null references c2m.factory_order on delete cascade,
  line int not null,
  version int not null,
  split int not null,
  pieces bigint not null,
  day date not null,
  primary key (order_id, line, version, split)
);
create index first_promise_day on c2m.first_promise (day);

create table c2m.asn (
  id bigint generated always as identity primary key,
  number text not null,
  supplier_id int not null references catalog.supplier,
  ship_to int not null references catalog.site,
  carrier text not null default '',
  tracking text not null default '',
  arrives date not null,
  slot text not null default '',
  sent_at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default '',
  revision int not null default 1,
  file_id bigint references c2m.file,
  unique (supplier_id, number)
);
create table c2m.asn_line (
  asn_id bigint not null references c2m.asn on delete cascade,
  no int not null,
  order_id bigint not null references c2m.factory_order,
  order_line int not null,
  sku_id int not null references catalog.sku,
  barcode text not null default '',
  lot text not null default '',
  produced date,
  expires date,
  pieces bigint not null check (pieces > 0),
  cartons int not null default 0,
  per_carton bigint not null default 0,
  carton_no text not null default '',
  gross_grams bigint not null default 0,
  net_grams bigint not null default 0,
  volume_ml bigint not null default 0,
  temperature text not null default '',
  certificate text not null default '',
  came bigint not null default 0,
  primary key (asn_id, no),
  check (came between 0 and pieces)
);
create index asn_line_order on c2m.asn_line (order_id, order_line);

create table c2m.receipt (
  id bigint generated always as identity primary key,
  order_id bigint not null references c2m.factory_order on delete cascade,
  line int not null,
  pieces bigint not null check (pieces > 0),
  day date not null,
  at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default '',
  note text not null default ''
);
create index receipt_order on c2m.receipt (order_id, line);
-- A receipt sent twice happens once.
create table c2m.receipt_operation (
  operation text primary key,
  order_id bigint not null references c2m.factory_order on delete cascade,
  at timestamptz not null
);

-- Every sheet that came in, and what became of it.
create table c2m.upload (
  id bigint generated always as identity primary key,
  supplier_id int not null references catalog.supplier,
  kind text not null check (kind in ('answer','asn','forecast')),
  outcome text not null check (outcome in ('taken','repeated','refused')),
  name text not null,
  file_id bigint references c2m.file,
  annotated_id bigint references c2m.file,
  row_count int not null default 0,
  problems jsonb not null default '[]',
  orders bigint[] not null default '{}',
  asns bigint[] not null default '{}',
  at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default ''
);
create index upload_supplier on c2m.upload (supplier_id, id desc);
create index upload_orders on c2m.upload using gin (orders);

create table c2m.message (
  id bigint generated always as identity primary key,
  order_id bigint not null references c2m.factory_order on delete cascade,
  at timestamptz not null,
  by_id bigint not null default 0,
  by_name text not null default '',
  from_supplier boolean not null,
  body text not null
);
create index message_order on c2m.message (order_id, id);

-- The rolling forecast as the supplier saw it last, and what it committed to.
create table c2m.forecast_week (
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  monday date not null check (extract(isodow from monday) = 1),
  pieces bigint not null,
  firm boolean not null,
  sent_at timestamptz not null,
  committed bigint,
  capacity bigint,
  answered_at timestamptz,
  primary key (supplier_id, sku_id, monday)
);

-- +goose Down
drop schema c2m cascade;
