-- Who the customers are. Personal fields are sealed with a key per person; look-up is by keyed index.
-- birthday_index: a keyed index of calendar, month and day, by which N2 finds whose birthday a day is without opening a row.
-- express_consent_at, express_consent_phone: when somebody agreed to marketing themselves, and with which phone (N3): that lifts a stop, a
-- file never does.
-- birthday_unconfirmed: a likely placeholder (1970-01-01) that nobody has confirmed is not greeted (L11).
create table customers (
  id text primary key,
  data_key text not null,
  name text not null,
  phone text,
  phone_extension text,
  birthday text,
  birthday_calendar text,
  birthday_unconfirmed smallint not null default 0,
  name_index text not null,
  phone_index text,
  birth_index text,
  birthday_index text,
  express_consent_at bigint,
  express_consent_phone text,
  marketing_consent smallint not null,
  consent_at bigint,
  consent_source text,
  origin_rank smallint not null,
  origin_key text not null,
  imported_from text,
  version bigint not null,
  created_at bigint not null
);
create index customers_phone on customers (phone_index) where phone_index is not null;
create index customers_birthday on customers (birthday_index, id) where birthday_index is not null;

-- P2: what a person agreed to or took back, for good. `at` is the decision's own time; 0 when nobody knows it.
create table consents (
  id text not null,
  customer_id text not null,
  purpose text not null,
  at bigint not null,
  given smallint not null,
  source text not null,
  text_version text not null,
  recorded_at bigint not null,
  recorded_by text not null,
  by_file smallint not null,
  phone_index text,
  primary key (customer_id, purpose, at, given, source, text_version)
);
create index consents_time on consents (customer_id, at, id);
-- pg: revoke update, delete on consents from {app};
-- sqlite: create trigger consents_keep before delete on consents begin select raise(abort, 'consents are append-only'); end;
-- sqlite: create trigger consents_fixed before update on consents begin select raise(abort, 'consents are append-only'); end;

-- N3: whom nobody greets. Who set it, when and why stands in the history.
create table marks (
  customer_id text not null,
  mark text not null,
  is_set smallint not null,
  primary key (customer_id, mark)
);

create table households (
  id text primary key,
  phone_index text not null unique,
  state smallint not null,
  imported_from text,
  created_at bigint not null
);
create index households_state on households (state, id);
create table household_members (
  household_id text not null,
  customer_id text not null,
  primary key (household_id, customer_id)
);

create table codes (
  kind text not null,
  code text not null,
  primary key (kind, code)
);

create table leads (
  id text primary key,
  state smallint not null,
  state_before smallint not null,
  channel text not null,
  source text,
  campaign text,
  project text,
  city text,
  customer_id text not null,
  consultant_id text,
  consulted_at bigint not null,
  consulted_month text not null,
  touches bigint not null,
  touched_at bigint not null,
  reason text,
  imported_from text,
  version bigint not null,
  created_at bigint not null
);
create index leads_customer on leads (customer_id, consulted_at, id);
create index leads_channel on leads (channel, consulted_at, id);
create index leads_state on leads (state, consulted_at, id);
create index leads_consultant on leads (consultant_id, consulted_at, id) where consultant_id is not null;
create index leads_time on leads (consulted_at, id);
create table appointments (
  id text primary key,
  lead_id text not null,
  status smallint not null,
  department text not null,
  booked_at bigint not null,
  slot_start bigint not null,
  slot_day text not null,
  status_at bigint,
  imported_from text,
  version bigint not null
);
create index appointments_lead on appointments (lead_id, slot_start, id);
create index appointments_time on appointments (slot_start, id);
create index appointments_status on appointments (status, slot_start, id);
create index appointments_day on appointments (slot_day);

create table visits (
  id text primary key,
  customer_id text not null,
  lead_id text,
  department text not null,
  outpatient smallint not null,
  arrived_at bigint not null,
  arrived_month text not null,
  doctor_id text,
  partner_ref text,
  slip_no text,
  card_no text,
  rep_id text,
  imported_from text,
  version bigint not null
);
create index visits_customer on visits (customer_id, arrived_at, id);
create index visits_time on visits (arrived_at, id);
create index visits_department on visits (department, arrived_at, id);
create index visits_rep on visits (rep_id, arrived_at, id) where rep_id is not null;

-- L7: a settlement as it stands; every version of its lines stays.
create table settlements (
  id text primary key,
  source text not null,
  settlement_no text not null,
  kind smallint not null,
  refund_of text,
  customer_id text not null,
  visit_id text,
  department text,
  doctor_id text,
  payer text,
  course_no text,
  activity text,
  occurred_at bigint not null,
  settled_at bigint,
  settled_on text,
  settled_month text,
  total_fen bigint not null,
  version bigint not null,
  unique (source, settlement_no)
);
create index settlements_customer on settlements (customer_id, occurred_at, id);
create index settlements_month on settlements (settled_month);
create index settlements_refund_of on settlements (refund_of) where refund_of is not null;
create index settlements_visit on settlements (visit_id) where visit_id is not null;
-- L7: a course comes into being with the first settlement that names it; under way until it is closed.
create table courses (
  id text primary key,
  source text not null,
  course_no text not null,
  customer_id text not null,
  closed_at bigint,
  closed_on text,
  closed_month text,
  version bigint not null,
  created_at bigint not null,
  unique (customer_id, source, course_no)
);
create index courses_month on courses (closed_month) where closed_month is not null;
create table settlement_lines (
  settlement_id text not null,
  version bigint not null,
  line_no text not null,
  category text not null,
  quantity bigint not null default 1,
  amount_fen bigint not null,
  primary key (settlement_id, version, line_no)
);
-- pg: revoke update, delete on settlement_lines from {app};
-- sqlite: create trigger settlement_lines_keep before delete on settlement_lines begin select raise(abort, 'settlement lines are facts'); end;
-- sqlite: create trigger settlement_lines_fixed before update on settlement_lines begin select raise(abort, 'settlement lines are facts'); end;
