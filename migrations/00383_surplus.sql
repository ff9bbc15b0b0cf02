-- +goose Up

-- What came of a campaign's lot beyond its pledges: stock of the site, which its owner answers for.
create table c2m.surplus (
  campaign_id bigint not null references c2m.campaign,
  lot int not null,
  sku_id int not null references catalog.sku,
  site_id int not null references catalog.site,
  pieces bigint not null check (pieces >= 0),
  price_fen bigint not null,
  owner text not null,
  at timestamptz not null,
  primary key (campaign_id, lot)
);
create index surplus_owner on c2m.surplus (owner, at desc);

-- +goose Down
drop table c2m.surplus;
