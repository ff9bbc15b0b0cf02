-- +goose Up

-- What a supplier can make of a SKU in a number of days from a day on: each week's entry of its capacity calendar by its days in the window, and
-- per_day where the calendar says nothing. Null without any entry in the window: then only the terms speak.
create function c2m.capacity_within(supplier int, sku int, from_day date, days int, per_day bigint) returns bigint language sql stable as $$
  select case when count(c.pieces) = 0 then null else ceil(sum(coalesce(c.pieces / 7.0, per_day)))::bigint end
  from generate_series(from_day, from_day + greatest(days, 1) - 1, interval '1 day') d
  left join c2m.capacity c on c.supplier_id = supplier and c.sku_id = sku and c.monday = date_trunc('week', d)::date
$$;

-- +goose Down
drop function c2m.capacity_within;
