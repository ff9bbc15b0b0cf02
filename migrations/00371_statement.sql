-- +goose Up

create table c2m.statement (
  id bigint generated always as identity primary key,
  number text not null unique,
  supplier_id int not null references catalog.supplier,
  from_day date not null,
  to_day date not null,
  state text not null check (state in ('draft','sent','disputed','accepted','agreed','paid','void')),
  revision bigint not null default 1,
  currency text not null,
  rate bigint not null default 0,
  due date,
  invoice text not null default '',
  prepaid_fen bigint not null default 0 check (prepaid_fen >= 0),
  paid_fen bigint not null default 0 check (paid_fen >= 0),
  created_at timestamptz not null,
  made_by text not null,
  sent_at timestamptz,
  accepted_at timestamptz,
  accepted_by text not null default '',
  agreed_at timestamptz,
  agreed_by text not null default '',
  paid_at timestamptz,
  reason text not null default '',
  -- What lists show and sort by, written with the lines.
  line_count int not null default 0,
  disputed_count int not null default 0,
  total_fen bigint not null default 0,
  claimed_fen bigint not null default 0,
  check (from_day <= to_day),
  check (prepaid_fen + paid_fen <= greatest(total_fen, 0))
);
create index statement_supplier on c2m.statement (supplier_id, id desc);
create index statement_state on c2m.statement (state, id desc);

create table c2m.statement_line (
  statement_id bigint not null references c2m.statement,
  no int not null check (no > 0),
  supplier_id int not null references catalog.supplier,
  kind text not null check (kind in ('receipt','late','quality','short','rebate','other')),
  source text not null,
  live boolean not null default true,
  order_id bigint references c2m.factory_order,
  order_number text not null default '',
  order_line int not null default 0,
  receipt_id bigint,
  sku_id int references catalog.sku,
  day date not null,
  pieces bigint not null default 0,
  price_fen bigint not null default 0,
  tax_bp int not null default 0,
  amount_fen bigint not null,
  why jsonb not null default '{}',
  word text not null default 'open' check (word in ('open','agreed','disputed')),
  reason text not null default '',
  claim_fen bigint,
  said_by text not null default '',
  said_at timestamptz,
  answer text not null default '' check (answer in ('','accepted','refused')),
  reply text not null default '',
  answer_by text not null default '',
  answer_at timestamptz,
  was_fen bigint,
  primary key (statement_id, no)
);
-- What a line stands for is accounted for once.
create unique index statement_line_source on c2m.statement_line (supplier_id, source) where live;
create index statement_line_order on c2m.statement_line (order_id) where live;

-- What both sides have agreed to does not change any more, whoever asks.
-- +goose StatementBegin
create function c2m.statement_closed() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'statement_line' then
    if exists (select from c2m.statement s where s.id = old.statement_id and s.state in ('agreed','paid')) then
      raise exception 'statement % is agreed and cannot change', old.statement_id using errcode = 'restrict_violation';
    end if;
  elsif old.state in ('agreed','paid') and (tg_op = 'DELETE' or
      to_jsonb(old) - array['state','revision','invoice','prepaid_fen','paid_fen','paid_at'] <> to_jsonb(new) - array['state','revision','invoice','prepaid_fen','paid_fen','paid_at']
      or new.state not in ('agreed','paid')) then
    raise exception 'statement % is agreed and cannot change', old.number using errcode = 'restrict_violation';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  return new;
end $$;
-- +goose StatementEnd
create trigger statement_closed before update or delete on c2m.statement for each row execute function c2m.statement_closed();
create trigger statement_line_closed before update or delete on c2m.statement_line for each row execute function c2m.statement_closed();

-- +goose Down
drop table c2m.statement_line, c2m.statement;
drop function c2m.statement_closed;
