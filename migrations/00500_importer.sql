-- +goose Up
create schema importer;

-- A sheet that somebody has uploaded, from the check to the import. The file stands in importer.chunk until it is purged.
create table importer.upload (
  id bigint generated always as identity primary key,
  kind text not null check (kind <> ''),
  name text not null,
  size bigint not null check (size > 0),
  sha256 bytea not null,
  account_id bigint references access.account,
  actor text not null,
  uploaded_at timestamptz not null,
  state text not null default 'waiting'
    check (state in ('waiting','checking','checked','refused','committing','done','failed','cancelled')),
  -- Rises with each check or import that is asked for: a job of an earlier one does nothing.
  epoch int not null default 1,
  -- What the user chose: the worksheet ('' for the best one) and whether hidden rows count.
  worksheet text not null default '',
  include_hidden boolean not null default false,
  progress real not null default 0 check (progress between 0 and 1),
  -- What the check found: how the sheet was read, the notes that turned it away, the most frequent problems.
  layout jsonb,
  refusal jsonb,
  reasons jsonb,
  total int not null default 0,
  good int not null default 0,
  mended int not null default 0,
  bad int not null default 0,
  skipped int not null default 0,
  -- What the import did.
  inserted int not null default 0,
  changed int not null default 0,
  unchanged int not null default 0,
  fault text not null default '',
  checked_at timestamptz,
  decider_id bigint references access.account,
  decided_by text not null default '',
  finished_at timestamptz,
  purged_at timestamptz
);
create index upload_recent on importer.upload (id desc) where state <> 'cancelled';
create index upload_same on importer.upload (sha256);
create index upload_unpurged on importer.upload (uploaded_at) where purged_at is null;

create table importer.chunk (
  upload_id bigint not null references importer.upload on delete cascade,
  no int not null,
  data bytea not null,
  primary key (upload_id, no)
);
-- Workbooks are packed already.
alter table importer.chunk alter column data set storage external;

-- The rows that the preview shows: the first ones, the wrong and the mended ones up to a bound.
create table importer.row (
  upload_id bigint not null references importer.upload on delete cascade,
  no int not null,
  -- The last of a run of empty rows, else no.
  last_no int not null,
  status text not null check (status in ('good','mended','bad','skipped')),
  skip text not null default '',
  cells text[] not null,
  remarks jsonb,
  primary key (upload_id, no)
);
create index row_status on importer.row (upload_id, status, no);

-- +goose Down
drop schema importer cascade;
