-- +goose Up

-- The last campaign number given in each month (YYMM).
create table c2m.campaign_month (
  month text primary key check (month ~ '^[0-9]{4}$'),
  last int not null check (last > 0)
);

create table c2m.campaign (
  id bigint generated always as identity primary key,
  number text not null unique,
  name_zh text not null default '',
  name_en text not null default '',
  story_zh text not null default '',
  story_en text not null default '',
  spec text not null default '',
  sku_id int references catalog.sku,
  ship_to int references catalog.site,
  proposal_id bigint,
  owner_id bigint not null default 0,
  owner text not null default '',
  promise date,
  -- The terms as members pledge under them; the columns beside repeat what lists and the clock ask for.
  terms jsonb not null,
  mode text not null check (mode in ('all_or_nothing','keep_it_all','deposit_balance','group_buy')),
  goal bigint not null,
  quota bigint not null,
  start_at timestamptz not null,
  deadline timestamptz not null,
  balance_end timestamptz not null,
  close_at timestamptz not null,
  state text not null check (state in ('draft','scheduled','open','paused','balance','succeeded','producing','delivered','failed','cancelled')),
  revision bigint not null default 1,
  reserved bigint not null default 0 check (reserved >= 0),
  taken jsonb not null default '{}',
  backers int not null default 0 check (backers >= 0),
  waiting int not null default 0 check (waiting >= 0),
  last_seq bigint not null default 0,
  at_close bigint,
  final jsonb,
  to_deliver bigint not null default 0 check (to_deliver >= 0),
  extended int not null default 0,
  reason text not null default '',
  created_at timestamptz not null,
  published_at timestamptz,
  closed_at timestamptz,
  settled_at timestamptz,
  produced_at timestamptz,
  delivered_at timestamptz,
  stopped_at timestamptz,
  touched_at timestamptz not null,
  check (quota = 0 or reserved <= quota)
) with (fillfactor = 50);
create index campaign_state on c2m.campaign (state, id);
create index campaign_sku on c2m.campaign (sku_id) where sku_id is not null;

create table c2m.pledge (
  campaign_id bigint not null references c2m.campaign,
  seq bigint not null check (seq > 0),
  member text not null,
  key text not null,
  tier text not null,
  units bigint not null check (units > 0),
  pieces bigint not null check (pieces > 0),
  price_fen bigint not null check (price_fen > 0),
  state text not null check (state in ('accepted','waiting','confirmed','delivered','cancelled','lapsed','released','defaulted')),
  team text not null default '',
  at timestamptz not null,
  paid_fen bigint not null default 0,
  refunded_fen bigint not null default 0 check (refunded_fen >= 0 and refunded_fen <= paid_fen),
  penalty_fen bigint not null default 0 check (penalty_fen >= 0),
  authorized_fen bigint not null default 0 check (authorized_fen >= 0),
  claims int not null default 0,
  lot int not null default 0,
  promise date,
  -- Who pledged for the member: the API's account.
  by_id bigint not null default 0,
  primary key (campaign_id, seq)
);
-- A member has one live pledge in a campaign; the same key is the same pledge.
create unique index pledge_live on c2m.pledge (campaign_id, member) where state in ('accepted','waiting','confirmed');
create unique index pledge_key on c2m.pledge (campaign_id, key);
create index pledge_state on c2m.pledge (campaign_id, state, seq);
create index pledge_team on c2m.pledge (campaign_id, team) where team <> '';

-- Every movement of money, only ever added to: double entry in fen, each key once.
create table c2m.money_entry (
  id bigint generated always as identity primary key,
  campaign_id bigint not null references c2m.campaign,
  seq bigint not null,
  key text not null,
  from_account text not null,
  to_account text not null,
  fen bigint not null check (fen > 0),
  purpose text not null,
  at timestamptz not null,
  check (from_account <> to_account),
  unique (campaign_id, key)
);
create index money_entry_pledge on c2m.money_entry (campaign_id, seq);

-- What the payment provider is asked to do, one row an instruction.
create table c2m.payment (
  id bigint generated always as identity primary key,
  campaign_id bigint not null references c2m.campaign,
  seq bigint not null,
  key text not null,
  kind text not null check (kind in ('authorize','charge','capture','void','refund','penalty')),
  purpose text not null,
  member text not null,
  fen bigint not null check (fen > 0),
  from_account text not null default '',
  state text not null default 'pending' check (state in ('pending','sent','done','refused','dropped')),
  attempts int not null default 0,
  next_at timestamptz,
  error text not null default '',
  reference text not null default '',
  asked_at timestamptz not null,
  done_at timestamptz,
  unique (campaign_id, key)
);
create index payment_due on c2m.payment (next_at) where state in ('pending','sent');
create index payment_pledge on c2m.payment (campaign_id, seq);

-- Messages of the provider that were taken in: a message sent twice counts once.
create table c2m.payment_message (
  id text primary key,
  payment_id bigint references c2m.payment,
  outcome text not null,
  note text not null default '',
  at timestamptz not null
);

-- The cumulative pieces by hour, for the curve of the campaign's page.
create table c2m.campaign_hour (
  campaign_id bigint not null references c2m.campaign,
  hour timestamptz not null,
  pieces bigint not null,
  primary key (campaign_id, hour)
);

-- +goose Down
drop table c2m.campaign_hour, c2m.payment_message, c2m.payment, c2m.money_entry, c2m.pledge, c2m.campaign, c2m.campaign_month;
