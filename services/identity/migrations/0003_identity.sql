-- Staff (P1): the name is sealed with a key per person; what they do and where is kept by day.
create table staff (
  id text primary key,
  source text not null,
  staff_no text not null,
  data_key text not null,
  name text not null,
  job text not null,
  joined_on text not null,
  left_on text,
  department text,
  group_no text,
  supervisor_no text,
  plan text,
  version bigint not null,
  created_at bigint not null,
  unique (source, staff_no)
);
create index staff_source on staff (source, id);
create index staff_number on staff (staff_no, id);
create index staff_job on staff (job, id);
-- A change on a day; empty = as before.
create table moves (
  id text primary key,
  staff_id text not null,
  from_day text not null,
  department text,
  group_no text,
  supervisor_no text,
  plan text,
  unique (staff_id, from_day)
);

create table accounts (
  id text primary key,
  username text not null unique,
  staff_id text,
  roles text not null,
  password_hash text not null,
  disabled smallint not null,
  created_at bigint not null
);

-- Wrong passwords in a row under a user name (keyed hash), whether or not there is such an account.
create table attempts (
  name_hash text primary key,
  failures bigint not null,
  blocked_until bigint not null,
  failed_at bigint not null
);
create index attempts_age on attempts (failed_at);

create index accounts_staff on accounts (staff_id, id) where staff_id is not null;

-- Token keys, sealed under the service's key-encryption key; the newest signs, all verify.
create table signing_keys (
  kid text primary key,
  seed text not null,
  created_at bigint not null
);

-- A sign-in and the refresh tokens that came of it, one after the other. Of a token only a keyed hash is kept.
create table sessions (
  id text primary key,
  account_id text not null,
  started_at bigint not null,
  used_at bigint not null,
  ended_at bigint,
  end_reason text
);
create index sessions_of_account on sessions (account_id);
create index sessions_by_use on sessions (used_at);

create table refresh_tokens (
  token_hash text primary key,
  session_id text not null,
  issued_at bigint not null,
  used_at bigint
);
create index refresh_tokens_age on refresh_tokens (issued_at);
