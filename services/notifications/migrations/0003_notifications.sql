-- Who is a member, as membership says: the highest version wins.
create table members (
  customer_id text primary key,
  member_since text,
  member_class smallint not null,
  dispute_open smallint not null,
  version bigint not null
);

-- N1: every version of every template; the highest of a code is the one that is sent.
create table templates (
  id text primary key,
  code text not null,
  version bigint not null,
  kind text not null,
  body text not null,
  provider_template_id text,
  advertises smallint not null,
  approval_no text,
  approval_expires_on text,
  created_by text not null,
  created_at bigint not null,
  unique (code, version)
);
-- pg: revoke update, delete on templates from {app};
-- sqlite: create trigger templates_keep before delete on templates begin select raise(abort, 'templates are append-only'); end;
-- sqlite: create trigger templates_fixed before update on templates begin select raise(abort, 'templates are append-only'); end;

-- N3: who does not want to hear from us, by keyed indexes that outlive an erasure: 1 a phone, 2 a person (phone and name), 3 a
-- customer by their id. Whether a later consent has lifted it is asked of leads. Who entered it and why stands in the history.
create table stops (
  scope smallint not null,
  key text not null,
  stopped_at bigint not null,
  primary key (scope, key)
);

-- N2: which days were run, how far, and what came of it.
create table birthday_runs (
  day text primary key,
  cursor text not null,
  found bigint not null,
  made bigint not null,
  started_at bigint not null,
  done_at bigint
);

-- N6: one message or task for an occasion of somebody. No name, no phone and no text: those are made when it is sent.
create table messages (
  id text primary key,
  kind text not null,
  recipient text not null,
  occasion text not null,
  marketing smallint not null,
  greeting smallint not null,
  channel text not null,
  template_code text,
  template_version bigint,
  state smallint not null,
  reason text,
  day text not null,
  due_at bigint not null,
  expires_at bigint,
  claim text,
  lease_until bigint,
  handed_at bigint,
  accepted_at bigint,
  parts bigint not null,
  phone_key text,
  person_key text,
  version bigint not null,
  created_at bigint not null,
  unique (kind, recipient, occasion)
);
create index messages_phone on messages (phone_key, handed_at) where phone_key is not null;
create index messages_person on messages (person_key, kind, occasion) where person_key is not null;
create index messages_due on messages (state, due_at);
create index messages_recipient on messages (recipient, handed_at);
create index messages_handed on messages (handed_at) where handed_at is not null;
create index messages_day on messages (day);
