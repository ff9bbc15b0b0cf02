-- +goose Up

-- What another system asks for comes under a key: sent twice, it is one application.
alter table c2m.advance add column key text not null default '';
create unique index advance_key on c2m.advance (supplier_id, key) where key <> '';

-- +goose Down
alter table c2m.advance drop column key;
