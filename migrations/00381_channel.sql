-- +goose Up

-- Where the messages to members go: a shop's or community's address, told by signed webhooks. A channel is for the pledges of one API account;
-- the one without an account is for all others. The secret signs the messages and is kept sealed.
create table c2m.channel (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  account_id bigint unique references access.account,
  url text not null,
  secret bytea not null,
  active boolean not null default true,
  automatic boolean not null default false,
  at timestamptz not null,
  by_name text not null
);
create unique index channel_rest on c2m.channel ((account_id is null)) where account_id is null;

alter table c2m.member_message drop constraint member_message_state_check;
alter table c2m.member_message add constraint member_message_state_check check (state in ('draft','held','released')),
  add column channel_id bigint references c2m.channel,
  -- What became of a released message: '' is fetched by the communities, waiting goes out by webhook, sent was accepted, failed was refused or
  -- given up.
  add column delivery text not null default '' check (delivery in ('','waiting','sent','failed')),
  add column attempts int not null default 0,
  add column again int not null default 0,
  add column next_at timestamptz,
  add column sent_at timestamptz,
  add column error text not null default '',
  add column note text not null default '';
create index member_message_due on c2m.member_message (next_at) where state = 'released' and delivery = 'waiting';

-- +goose Down
drop index c2m.member_message_due;
update c2m.member_message set state = 'draft' where state = 'held';
alter table c2m.member_message drop constraint member_message_state_check, drop column channel_id, drop column delivery, drop column attempts, drop column again, drop column next_at,
  drop column sent_at, drop column error, drop column note;
alter table c2m.member_message add constraint member_message_state_check check (state in ('draft','released'));
drop table c2m.channel;
