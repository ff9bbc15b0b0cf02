-- +goose Up
alter table c2m.file drop constraint file_kind_check;
alter table c2m.file add constraint file_kind_check check (kind in ('order','answer','asn','forecast','annotated','certificate'));

-- A supplier's certificates. One that the supplier handed in counts once somebody of the house has looked at it.
create table c2m.certificate (
  id bigint generated always as identity primary key,
  supplier_id int not null references catalog.supplier,
  kind text not null check (kind in ('iso22000','infant_food','ccc','organic','other')),
  number text not null check (number <> ''),
  issuer text not null default '',
  -- In words, and the categories that it covers (with what is below them); none means all goods of the supplier.
  scope text not null default '',
  categories int[] not null default '{}',
  valid_from date not null,
  valid_to date not null,
  file_id bigint references c2m.file,
  added_at timestamptz not null,
  added_by text not null,
  verified_at timestamptz,
  verified_by text not null default '',
  revoked date,
  revoked_by text not null default '',
  revoke_reason text not null default '',
  check (valid_from <= valid_to),
  unique (supplier_id, kind, number, valid_from)
);
create index certificate_ends on c2m.certificate (valid_to) where revoked is null;

-- Which certificates the goods of a category (and of those below it) need on the day they are received.
create table c2m.certificate_need (
  category_id int not null references catalog.category,
  kind text not null,
  primary key (category_id, kind)
);

-- Each lot's first inspection, and what a person has decided on the record: the standing is played from both, in order.
create table c2m.lot_result (
  id bigint generated always as identity primary key,
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  inspection_id bigint unique,
  lot text not null default '',
  what text not null check (what in ('accepted','refused','lift','resume')),
  safety boolean not null default false,
  -- A refused lot that was struck from the record after an appeal.
  void boolean not null default false,
  at timestamptz not null,
  by_name text not null default '',
  reason text not null default ''
);
create index lot_result_of on c2m.lot_result (supplier_id, sku_id, at, id);

create table c2m.card (
  id bigint generated always as identity primary key,
  supplier_id int not null references catalog.supplier,
  sku_id int not null references catalog.sku,
  kind text not null check (kind in ('yellow','red','ban')),
  reason text not null,
  inspection_id bigint,
  lot text not null default '',
  at timestamptz not null,
  ended_at timestamptz,
  ended_why text not null default '',
  appeal text not null default '',
  appealed_at timestamptz,
  appealed_by text not null default '',
  decision text not null default '' check (decision in ('','upheld','withdrawn')),
  decided_at timestamptz,
  decided_by text not null default '',
  decision_reason text not null default ''
);
create unique index card_open on c2m.card (supplier_id, sku_id) where ended_at is null;
create index card_supplier on c2m.card (supplier_id, at desc);

-- Pieces of a delivery note that did not come when its delivery was closed: nobody awaits them under this note any more.
alter table c2m.asn_line add column short bigint not null default 0 check (short >= 0 and came + short <= pieces);

-- +goose Down
alter table c2m.asn_line drop column short;
drop table c2m.card, c2m.lot_result, c2m.certificate_need, c2m.certificate;
delete from c2m.file where kind = 'certificate';
alter table c2m.file drop constraint file_kind_check;
alter table c2m.file add constraint file_kind_check check (kind in ('order','answer','asn','forecast','annotated'));
