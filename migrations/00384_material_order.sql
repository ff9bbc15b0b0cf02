-- +goose Up

-- What of a campaign's materials was ordered, and what came.
alter table c2m.material_purchase add column ordered_milli bigint not null default 0, add column received_milli bigint not null default 0, add column reference text not null default '',
  add column ordered_at timestamptz, add column ordered_by text not null default '', add check (received_milli >= 0 and received_milli <= ordered_milli);

-- +goose Down
alter table c2m.material_purchase drop column ordered_milli, drop column received_milli, drop column reference, drop column ordered_at, drop column ordered_by;
