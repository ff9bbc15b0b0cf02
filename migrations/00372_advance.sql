-- +goose Up

create table c2m.advance (
  id bigint generated always as identity primary key,
  number text not null unique,
  supplier_id int not null references catalog.supplier,
  base text not null check (base in ('order','stock','receivable')),
  document text not null default '',
  state text not null check (state in ('applied','endorsed','approved','drawn','repaid','rejected','withdrawn')),
  revision bigint not null default 1,
  amount_fen bigint not null check (amount_fen > 0),
  fee_bp int not null,
  days int not null,
  pending_fen bigint not null default 0 check (pending_fen >= 0),
  drawn_fen bigint not null default 0 check (drawn_fen >= 0),
  repaid_fen bigint not null default 0 check (repaid_fen >= 0),
  fee_paid_fen bigint not null default 0 check (fee_paid_fen >= 0),
  -- Σ outstanding × days × fee_bp up to accrued_to.
  fee_accrued bigint not null default 0,
  accrued_to date,
  drawn_on date,
  due date,
  repaid_on date,
  note text not null default '',
  reason text not null default '',
  ended_by text not null default '',
  applied_at timestamptz not null,
  applied_by text not null,
  first_by_id bigint,
  first_by text not null default '',
  first_at timestamptz,
  first_note text not null default '',
  second_by_id bigint,
  second_by text not null default '',
  second_at timestamptz,
  second_note text not null default '',
  credit jsonb not null,
  check (repaid_fen <= drawn_fen),
  check (drawn_fen + pending_fen <= amount_fen),
  check (first_by_id is null or second_by_id is null or first_by_id <> second_by_id),
  check (state not in ('approved','drawn','repaid') or second_at is not null)
);
create index advance_supplier on c2m.advance (supplier_id, id desc);
create index advance_state on c2m.advance (state, id desc);

-- Every movement between house and suppliers, only ever added to: double entry in fen, each key once.
create table c2m.supplier_entry (
  id bigint generated always as identity primary key,
  supplier_id int not null references catalog.supplier,
  key text not null unique,
  from_account text not null check (from_account in ('cash','advance','payable','fee','purchases')),
  to_account text not null check (to_account in ('cash','advance','payable','fee','purchases')),
  fen bigint not null check (fen > 0),
  document text not null,
  day date not null,
  at timestamptz not null,
  by_name text not null default '',
  check (from_account <> to_account)
);
create index supplier_entry_supplier on c2m.supplier_entry (supplier_id, id);
create index supplier_entry_document on c2m.supplier_entry (document, id);

-- +goose StatementBegin
create function c2m.entry_stays() returns trigger language plpgsql as $$
begin
  raise exception 'entries of the ledger are only ever added' using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd
create trigger supplier_entry_stays before update or delete on c2m.supplier_entry for each row execute function c2m.entry_stays();

-- What the payment provider is asked to pay to suppliers, one row an instruction.
create table c2m.supplier_payment (
  id bigint generated always as identity primary key,
  key text not null unique,
  kind text not null check (kind in ('advance','statement')),
  supplier_id int not null references catalog.supplier,
  document text not null,
  fen bigint not null check (fen > 0),
  currency text not null default 'CNY',
  -- In the currency's minor unit.
  amount bigint not null check (amount > 0),
  state text not null default 'pending' check (state in ('pending','sent','done','refused')),
  attempts int not null default 0,
  next_at timestamptz,
  error text not null default '',
  reference text not null default '',
  asked_at timestamptz not null,
  asked_by text not null default '',
  done_at timestamptz
);
create index supplier_payment_due on c2m.supplier_payment (next_at) where state in ('pending','sent');
create index supplier_payment_document on c2m.supplier_payment (document);

create table c2m.supplier_payment_message (
  id text primary key,
  payment_id bigint not null references c2m.supplier_payment,
  outcome text not null,
  at timestamptz not null
);

-- +goose Down
drop table c2m.supplier_payment_message, c2m.supplier_payment, c2m.supplier_entry, c2m.advance;
drop function c2m.entry_stays;
