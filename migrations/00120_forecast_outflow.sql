-- +goose Up

-- Shipments and returns that have been added to forecast.sale: each counts once.
create table forecast.outflow (
  source text primary key,
  at timestamptz not null
);

-- +goose Down
drop table forecast.outflow;
