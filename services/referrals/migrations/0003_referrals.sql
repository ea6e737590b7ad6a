-- Whom a customer is credited to. A recognition is never deleted: withdrawn is a state.
create table recognitions (
  id text primary key,
  kind smallint not null,
  source text,
  customer_id text not null,
  rep_id text not null,
  partner_ref text,
  from_day text not null,
  until_day text,
  share_bp bigint not null,
  rank bigint not null,
  reason text not null,
  visit_id text unique,
  withdrawn smallint not null,
  version bigint not null,
  created_at bigint not null
);
create index recognitions_customer on recognitions (customer_id);
create index recognitions_rep on recognitions (rep_id);

-- Visits whose rep or customer is known by their event before they are judged: the fact is kept.
create table desk_visits (
  visit_id text primary key,
  version bigint not null,
  customer_id text not null,
  rep_id text,
  arrived_on text not null
);
