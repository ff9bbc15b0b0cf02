-- +goose Up
-- Who worked at handhelds on a day. A command names the row, so that it is booked under who made it even where somebody else sends it later.
create table warehouse.maker (
  id uuid primary key default gen_random_uuid(),
  account_id bigint not null references access.account on delete cascade,
  day date not null,
  unique (account_id, day)
);

-- +goose Down
drop table warehouse.maker;
