-- +goose Up

-- A factory's offer in full: cheaper prices from quantities on (fen, for all pieces), what the materials of a piece cost us beside the price
-- where the factory does not bring them, and what was said in the words of its currency.
alter table c2m.quotation
  add column breaks jsonb not null default '[]',
  add column materials_fen bigint not null default 0 check (materials_fen >= 0),
  add column said jsonb not null default '{}',
  add column note text not null default '';

-- How the later lots of a campaign are let go: small batch, quick response.
create table c2m.lot_release (
  campaign_id bigint primary key references c2m.campaign,
  first_share int not null check (first_share between 1 and 100),
  sell_through int not null check (sell_through between 0 and 100),
  gap_days int not null check (gap_days between 1 and 365),
  automatic boolean not null default false,
  at timestamptz not null
);

-- Pictures of a campaign for its public page, in their order.
create table c2m.campaign_picture (
  id bigint generated always as identity primary key,
  campaign_id bigint not null references c2m.campaign,
  mime text not null check (mime in ('image/jpeg', 'image/png', 'image/webp')),
  bytes bytea not null check (octet_length(bytes) <= 4194304),
  at timestamptz not null
);
create index campaign_picture_of on c2m.campaign_picture (campaign_id, id);

-- +goose Down
drop table c2m.campaign_picture, c2m.lot_release;
alter table c2m.quotation drop column breaks, drop column materials_fen, drop column said, drop column note;
