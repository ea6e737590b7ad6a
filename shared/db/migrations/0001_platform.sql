-- The platform tables: every service has them. Times are microseconds UTC, flags smallint, bodies base64 text.

create table outbox (
-- pg: seq bigint generated always as identity primary key,
-- sqlite: seq integer primary key autoincrement,
  event_id text not null unique,
  name text not null,
  aggregate_id text not null,
  aggregate_version bigint not null,
  occurred_at bigint not null,
  recorded_at bigint not null,
  traceparent text,
  scope text,
  body text not null,
  stream_epoch text,
  stream_seq bigint
);
create index outbox_unsent on outbox (seq) where stream_seq is null;
create index outbox_sent on outbox (stream_epoch, stream_seq) where stream_seq is not null;
-- An event is never changed; only its position in the stream is written later.
-- pg: revoke update, delete on outbox from {app};
-- pg: grant update (stream_epoch, stream_seq) on outbox to {app};
-- sqlite: create trigger outbox_keep before delete on outbox begin select raise(abort, 'outbox is append-only'); end;
-- sqlite: create trigger outbox_fixed before update of seq, event_id, name, aggregate_id, aggregate_version, occurred_at, recorded_at, body on outbox begin select raise(abort, 'outbox is append-only'); end;

-- What each consumer has done; retained longer than the longest replay.
create table inbox (
  consumer text not null,
  event_id text not null,
  received_at bigint not null,
  primary key (consumer, event_id)
);
create index inbox_age on inbox (received_at);

-- How far a consumer has read, to see whether the stream was truncated or reset under it.
create table consumer_state (
  consumer text primary key,
  stream_epoch text not null,
  stream_seq bigint not null,
  event_id text not null
);

create table consumer_attempts (
  consumer text not null,
  event_id text not null,
  attempts bigint not null,
  primary key (consumer, event_id)
);

-- What a consumer could not take: open until it was replayed or discarded (by whom, when and why; the reason is sealed).
create table dead_letters (
  id text primary key,
  consumer text not null,
  event_id text not null,
  subject text not null,
  reason text not null,
  attempts bigint not null,
  message text not null,
  created_at bigint not null,
  replayed_at bigint,
  discarded_at bigint,
  discarded_by text,
  discard_reason text
);
create index dead_letters_open on dead_letters (created_at, id) where replayed_at is null and discarded_at is null;
create index dead_letters_closed on dead_letters (coalesce(discarded_at, replayed_at)) where replayed_at is not null or discarded_at is not null;
create index dead_letters_list on dead_letters (created_at, id);
create index dead_letters_consumer on dead_letters (consumer, created_at, id);
-- An event that fails again after its entry was resolved is an entry again.
create unique index dead_letters_once on dead_letters (consumer, event_id) where replayed_at is null and discarded_at is null;

-- Answers of commands, sealed, for 72 hours.
create table idempotency (
  key_hash text primary key,
  request_hash text not null,
  answer text not null,
  created_at bigint not null
);
create index idempotency_age on idempotency (created_at);

-- `failed_at`: given up after too many attempts in a row, the last of which failed by `failure`.
create table timers (
  kind text not null,
  key text not null,
  due_at bigint not null,
  attempts bigint not null,
  failure text,
  failed_at bigint,
  primary key (kind, key)
);
create index timers_due on timers (kind, due_at) where failed_at is null;
create index timers_failed on timers (failed_at, kind, key) where failed_at is not null;

-- Work that outlives its request (shared/operations): how far it is, who works on it, how it ended. `state` is an OperationState.
-- `due_at`: who works on it has it until then (`lease`), or the next attempt. `exclusive`: of two that are the same thing one runs at a
-- time. `failure` is a common.v1.Error.
create table operations (
  id text primary key,
  type text not null,
  subject text not null,
  state smallint not null,
  checkpoint text,
  done bigint not null,
  total bigint not null,
  failure text,
  exclusive text unique,
  lease text,
  due_at bigint not null,
  attempts bigint not null,
  cancel_requested smallint not null,
  created_by text not null,
  created_at bigint not null,
  ended_at bigint
);
create index operations_due on operations (due_at) where ended_at is null;
create index operations_of_type on operations (type, created_at, id);
create index operations_of_state on operations (type, state, created_at, id);

-- Policy documents: never edited, only followed by another version.
create table policies (
  kind text not null,
  version bigint not null,
  effective_from text not null,
  approver text not null,
  body text not null,
  created_at bigint not null,
  primary key (kind, version)
);
-- pg: revoke update, delete on policies from {app};
-- sqlite: create trigger policies_keep before delete on policies begin select raise(abort, 'policies are append-only'); end;
-- sqlite: create trigger policies_fixed before update on policies begin select raise(abort, 'policies are append-only'); end;

-- G5: who, when, from what, to what and why. `why` is in our own words; `reason` is what a person typed,
-- sealed, for it may name somebody (G6).
create table history (
-- pg: seq bigint generated always as identity primary key,
-- sqlite: seq integer primary key autoincrement,
  record_kind text not null,
  record_id text not null,
  at bigint not null,
  by_whom text not null,
  from_what text,
  to_what text,
  why text,
  reason text
);
create index history_record on history (record_kind, record_id, seq);
-- pg: revoke update, delete on history from {app};
-- sqlite: create trigger history_keep before delete on history begin select raise(abort, 'history is append-only'); end;
-- sqlite: create trigger history_fixed before update on history begin select raise(abort, 'history is append-only'); end;

-- The name by which an outside system knows a record, and what it stands for here.
create table aliases (
  kind text not null,
  source text not null,
  outside_no text not null,
  target_id text not null,
  version bigint not null,
  primary key (kind, source, outside_no)
);
create index aliases_target on aliases (kind, target_id);

-- The roster: staff as identity publishes them; empty in a service that does not follow it.
create table roster (
  staff_id text primary key,
  source text not null,
  staff_no text not null,
  version bigint not null,
  job text not null,
  joined_on text not null,
  left_on text,
  periods text not null
);
create unique index roster_no on roster (source, staff_no);

-- Whose group and supervisor somebody is of, from a day to the day before another: what scopes join with. Written with the roster row.
create table roster_periods (
  staff_id text not null,
  from_day text not null,
  until_day text,
  source text not null,
  group_no text,
  supervisor_no text,
  primary key (staff_id, from_day)
);
create index roster_periods_group on roster_periods (source, group_no);
create index roster_periods_supervisor on roster_periods (source, supervisor_no);

-- A new random stamp with every change of the roster: what was read under a stamp holds for whoever reads the same stamp.
create table roster_stamp (
  one smallint primary key,
  stamp text not null
);
