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
create index refresh_tokens_of_session on refresh_tokens (session_id);
