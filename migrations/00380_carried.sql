-- +goose Up

-- What a supplier owes by an agreed statement stands on its next one.
alter table c2m.statement_line drop constraint statement_line_kind_check;
alter table c2m.statement_line add constraint statement_line_kind_check check (kind in ('receipt','late','quality','short','rebate','carried','other'));

-- +goose Down
alter table c2m.statement_line drop constraint statement_line_kind_check;
alter table c2m.statement_line add constraint statement_line_kind_check check (kind in ('receipt','late','quality','short','rebate','other')) not valid;
