-- +goose Up

-- What had come of a running day by the hour, in pieces of the whole site, as it was last told within the hour: the course of a day, by
-- which the sales of the present one are completed.
create table forecast.day_progress (
  site_id int not null references catalog.site on delete cascade,
  day date not null,
  hour smallint not null check (hour between 0 and 23),
  pieces bigint not null,
  primary key (site_id, day, hour)
);

-- +goose Down
drop table forecast.day_progress;
