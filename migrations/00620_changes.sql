-- +goose Up

-- Rounds are changed after riders have taken them on: how often, what the rider has seen, and what is new since.
alter table routing.round add column version int not null default 0 check (version >= 0);
alter table routing.round add column seen_version int not null default 0 check (seen_version between 0 and version);
alter table routing.round add column changed jsonb not null default '{}';

-- A first attempt at a door that failed, where the same round tried again.
alter table routing.stop add column tried_at timestamptz;
alter table routing.stop add column tried_reason text not null default '';

-- Goods that riders fetch at doors and bring to the warehouse.
alter table routing.parcel add column pickup boolean not null default false;
alter table routing.parcel add column declined_by bigint references routing.rider;
alter table routing.parcel drop constraint parcel_state_check;
alter table routing.parcel add constraint parcel_state_check
  check (state in ('waiting','offered','loaded','delivered','stored','collected','failed','fetched','returned','cancelled'));
alter table routing.stop drop constraint stop_outcome_check;
alter table routing.stop add constraint stop_outcome_check check (outcome in ('','delivered','stored','failed','fetched'));
drop index routing.parcel_open;
create index parcel_open on routing.parcel (site_id, due_at) where state in ('waiting','offered','loaded','failed','fetched');

-- +goose Down
drop index routing.parcel_open;
update routing.parcel set state = 'returned' where state = 'fetched';
update routing.stop set outcome = 'delivered' where outcome = 'fetched';
create index parcel_open on routing.parcel (site_id, due_at) where state in ('waiting','offered','loaded','failed');
alter table routing.stop drop constraint stop_outcome_check;
alter table routing.stop add constraint stop_outcome_check check (outcome in ('','delivered','stored','failed'));
alter table routing.parcel drop constraint parcel_state_check;
alter table routing.parcel add constraint parcel_state_check
  check (state in ('waiting','offered','loaded','delivered','stored','collected','failed','returned','cancelled'));
alter table routing.parcel drop column declined_by, drop column pickup;
alter table routing.stop drop column tried_reason, drop column tried_at;
alter table routing.round drop column changed, drop column seen_version, drop column version;
