-- +goose Up
create schema forecast;

-- One row for a SKU × site × day with sales or an empty shelf; a day without a row, up to the site's sales horizon, is
-- a day without sales. The pairs stand in forecast.series, which carries the foreign keys: checking them here would
-- double the cost of a bulk load.
create table forecast.sale (
  price_fen bigint check (price_fen >= 0),
  sku_id int not null,
  site_id int not null,
  day date not null,
  pieces int not null,
  promo_bp smallint not null default 0 check (promo_bp between 0 and 10000),
  sold_out boolean not null default false,
  primary key (sku_id, site_id, day)
);

-- What has sales: the series that are forecast. category_id is the one that forecast.sale_total counts it under.
create table forecast.series (
  sku_id int not null references catalog.sku,
  site_id int not null references catalog.site,
  category_id int not null references catalog.category,
  first_day date not null,
  last_day date not null,
  primary key (sku_id, site_id)
);

-- The sums of forecast.sale, kept in step by the merge: the charts of the whole house, and the days that a site has reported.
create table forecast.sale_total (
  day date not null,
  site_id int not null references catalog.site,
  category_id int not null references catalog.category,
  pieces bigint not null default 0,
  revenue_fen bigint not null default 0,
  unpriced_pieces bigint not null default 0,
  sale_rows int not null default 0,
  sold_out_rows int not null default 0,
  primary key (day, site_id, category_id)
);

-- The days that a site has reported, with the number of its rows in forecast.sale.
create table forecast.site_day (
  site_id int not null references catalog.site,
  day date not null,
  sale_rows int not null,
  primary key (site_id, day)
);
create index site_day_day on forecast.site_day (day);

create table forecast.heat (
  topic_id int not null references catalog.topic on delete cascade,
  source text not null check (source <> ''),
  day date not null,
  value double precision not null check (value >= 0 and value < 'infinity'),
  primary key (topic_id, source, day)
);
create index heat_day on forecast.heat (day);

-- Which topics have heat that the spike check has not seen: dirty counts the changes, done the last one looked at.
create table forecast.heat_watch (
  topic_id int primary key references catalog.topic on delete cascade,
  dirty bigint not null default 1,
  done bigint not null default 0
);

create table forecast.run (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('nightly','manual')),
  state text not null default 'queued'
    check (state in ('queued','effects','running','finishing','published','failed')),
  origin date not null,
  horizon int not null check (horizon between 1 and 730),
  account_id bigint references access.account on delete set null,
  actor text not null default '',
  series int not null default 0,
  asked_at timestamptz not null,
  started_at timestamptz,
  -- When effects and shards were complete and the shards were queued.
  begun_at timestamptz,
  beat_at timestamptz,
  published_at timestamptz,
  error text not null default '',
  -- Comparison with the run before, accuracy by class, set when they are known.
  summary jsonb,
  accuracy jsonb,
  pruned boolean not null default false
);
-- One run at a time; one nightly run a day.
create unique index run_open on forecast.run ((true)) where state in ('queued','effects','running','finishing');
create unique index run_nightly on forecast.run (origin) where kind = 'nightly';

-- A range of SKUs computed by one job. The epoch tells a job that was started anew from the one it replaces.
create table forecast.shard (
  run_id bigint not null references forecast.run on delete cascade,
  phase text not null check (phase in ('forecast','score')),
  no int not null,
  sku_from int not null,
  sku_to int not null,
  series int not null,
  series_done int not null default 0,
  problems int not null default 0,
  state text not null default 'waiting' check (state in ('waiting','running','done','failed')),
  epoch int not null default 1,
  attempts int not null default 0,
  error text not null default '',
  started_at timestamptz,
  beat_at timestamptz,
  finished_at timestamptz,
  -- What a scoring shard has measured, to be added up by the last one.
  tally jsonb,
  primary key (run_id, phase, no)
);

-- Series that could not be forecast, with the reason.
create table forecast.problem (
  run_id bigint not null references forecast.run on delete cascade,
  sku_id int not null,
  site_id int not null,
  reason text not null,
  primary key (run_id, sku_id, site_id)
);

-- One row a series, one partition a run (forecast.result_<run>). Element 1 of an array is the day of the run's origin.
create table forecast.result (
  run_id bigint not null,
  sku_id int not null,
  site_id int not null,
  class text not null,
  model text not null,
  sold_28 int not null,
  sold_before_28 int not null,
  sold_out_28 int not null,
  sum_28 real not null,
  computed_at timestamptz not null,
  mean real[] not null,
  q10 real[] not null,
  q50 real[] not null,
  q90 real[] not null,
  q95 real[] not null,
  cum_sd real[] not null,
  -- What heat multiplies the demand by; null where no topic moves the series.
  heat real[],
  explanation jsonb not null,
  primary key (run_id, sku_id, site_id)
) partition by list (run_id);

-- The sums of a shard's forecasts by site and category at the top of the tree, and under no -1 those of the run. low and high are the sums of the distances of
-- the mean from P10 and P90, low2 and high2 the sums of their squares: enough to build the band of the total.
create table forecast.shard_total (
  run_id bigint not null references forecast.run on delete cascade,
  no int not null,
  site_id int not null,
  category_id int not null,
  series int not null,
  mean double precision[] not null,
  low double precision[] not null,
  low2 double precision[] not null,
  high double precision[] not null,
  high2 double precision[] not null,
  primary key (run_id, no, site_id, category_id)
);

-- The demand list, one partition a run (forecast.sku_stat_<run>), site 0 standing for all sites together.
create table forecast.sku_stat (
  run_id bigint not null,
  site_id int not null,
  sku_id int not null,
  category_id int not null,
  series int not null,
  class text not null,
  sold_28 int not null,
  sold_before_28 int not null,
  sold_out_28 int not null,
  forecast_28 real not null,
  -- forecast_28 / sold_28; 1 where nothing was sold.
  growth real not null,
  -- Heat of the hottest topic of the SKU against its usual; 0 without a topic.
  heat real not null,
  primary key (run_id, site_id, sku_id)
) partition by list (run_id);
create index sku_stat_sold on forecast.sku_stat (site_id, sold_28, sku_id);
create index sku_stat_forecast on forecast.sku_stat (site_id, forecast_28, sku_id);
create index sku_stat_growth on forecast.sku_stat (site_id, growth, sku_id);
create index sku_stat_heat on forecast.sku_stat (site_id, heat, sku_id);
create index sku_stat_sold_out on forecast.sku_stat (site_id, sold_out_28, sku_id);
create index sku_stat_category on forecast.sku_stat (site_id, category_id);

create table forecast.topic_effect (
  run_id bigint not null references forecast.run on delete cascade,
  topic_id int not null references catalog.topic on delete cascade,
  source text not null,
  gate boolean not null,
  -- The day of the sales and heat that it was learnt from.
  learnt date not null,
  effect jsonb not null,
  primary key (run_id, topic_id)
);

-- What the series of a category have in common, learnt once a run.
create table forecast.prior (
  run_id bigint not null references forecast.run on delete cascade,
  category_id int not null,
  prior jsonb not null,
  primary key (run_id, category_id)
);

-- The one run in force.
create table forecast.current (
  one boolean primary key default true check (one),
  run_id bigint not null references forecast.run,
  switched_at timestamptz not null
);

-- Where each topic stands, for the list of topics.
create table forecast.topic_stat (
  topic_id int primary key references catalog.topic on delete cascade,
  source text not null,
  day date not null,
  value real not null,
  usual real not null,
  ratio real not null,
  -- What the heat known so far multiplies demand by on its strongest coming day; 1 when no effect is proven.
  sales_effect real not null,
  effect_day date,
  proven boolean not null,
  spark real[] not null,
  updated_at timestamptz not null
);

create table forecast.spike (
  id bigint generated always as identity primary key,
  topic_id int not null references catalog.topic on delete cascade,
  kind text not null check (kind in ('demand','complaint')),
  state text not null default 'open' check (state in ('open','ended','withdrawn')),
  source text not null,
  start_day date not null,
  day date not null,
  peak_day date not null,
  ratio real not null,
  proven boolean not null,
  spike jsonb not null,
  effect jsonb,
  -- Expected additional pieces over all series, by day from origin on, as worked out for the run (0: not yet).
  run_id bigint not null default 0,
  origin date,
  pieces double precision not null default 0,
  by_day real[] not null default '{}',
  from_day date,
  to_day date,
  detected_at timestamptz not null,
  updated_at timestamptz not null,
  published_at timestamptz,
  ended_at timestamptz,
  seen_by text not null default '',
  seen_at timestamptz,
  seen_note text not null default ''
);
create unique index spike_open on forecast.spike (topic_id) where state = 'open';
create index spike_topic on forecast.spike (topic_id, id desc);

create table forecast.spike_sku (
  spike_id bigint not null references forecast.spike on delete cascade,
  sku_id int not null references catalog.sku on delete cascade,
  pieces real not null,
  by_day real[] not null,
  primary key (spike_id, sku_id)
);
create index spike_sku_sku on forecast.spike_sku (sku_id);

-- The first four weeks of a forecast made in the past, kept for measuring: one a series and week.
create table forecast.vintage (
  sku_id int not null,
  site_id int not null,
  origin date not null,
  backtest boolean not null,
  mean real[] not null,
  q10 real[] not null,
  q90 real[] not null,
  primary key (sku_id, site_id, origin)
);
create index vintage_origin on forecast.vintage (origin);

-- +goose Down
drop schema forecast cascade;
