-- +goose Up

-- How many parcels a pickup station holds; a station without a row has no bound.
create table routing.station (
  site_id int primary key references catalog.site,
  places int not null check (places > 0)
);

-- The day's answers of riders are counted by site.
create index round_offered on routing.round (site_id, offered_at);

-- +goose Down
drop index routing.round_offered;
drop table routing.station;
