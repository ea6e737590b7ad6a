-- Facts are sets: the highest version of each settlement stands, the raw event beside the columns.
create table settlement_facts (
  settlement_id text primary key,
  version bigint not null,
  customer_id text not null,
  settled_on text,
  total_fen bigint not null,
  occurred_at bigint not null,
  recorded_at bigint not null,
  body text not null
);
create index settlement_facts_customer on settlement_facts (customer_id);

-- A customer as they stand here; somebody without member_since is no member (M1). The row is also what is locked while
-- anything of that customer is computed.
create table members (
  customer_id text primary key,
  member_since bigint,
  source text,
  member_class smallint not null,
  factor_a smallint not null,
  factor_b smallint not null,
  factor_c smallint not null,
  net_spend_fen bigint not null,
  dispute_open smallint not null,
  version bigint not null,
  points_balance bigint not null,
  points_debt bigint not null,
  points_version bigint not null,
  created_at bigint not null
);
create index members_class on members (member_class, customer_id) where member_since is not null;
create index members_source on members (source) where member_since is not null;

-- M3: every change of class with the fact that moved it.
create table class_changes (
-- pg: seq bigint generated always as identity primary key,
-- sqlite: seq integer primary key autoincrement,
  customer_id text not null,
  at bigint not null,
  from_class smallint not null,
  to_class smallint not null,
  fact_kind smallint not null,
  fact_id text not null,
  factor_a smallint not null,
  factor_b smallint not null,
  factor_c smallint not null,
  net_spend_fen bigint not null,
  reason text not null
);
create index class_changes_customer on class_changes (customer_id, seq);
-- pg: revoke update, delete on class_changes from {app};
-- sqlite: create trigger class_changes_keep before delete on class_changes begin select raise(abort, 'class changes are append-only'); end;
-- sqlite: create trigger class_changes_fixed before update on class_changes begin select raise(abort, 'class changes are append-only'); end;

-- M7: entries on lots; a lot is the settlement that earned it, no lot is debt. What an account's entries add up to is what stands.
create table points_ledger (
-- pg: seq bigint generated always as identity primary key,
-- sqlite: seq integer primary key autoincrement,
  customer_id text not null,
  ledger_account smallint not null,
  lot_id text not null,
  for_id text not null,
  points bigint not null,
  at bigint not null,
  by_whom text not null
);
create index points_ledger_customer on points_ledger (customer_id, seq);
-- pg: revoke update, delete on points_ledger from {app};
-- sqlite: create trigger points_ledger_keep before delete on points_ledger begin select raise(abort, 'the points ledger is append-only'); end;
-- sqlite: create trigger points_ledger_fixed before update on points_ledger begin select raise(abort, 'the points ledger is append-only'); end;

create table redemptions (
  id text primary key,
  customer_id text not null,
  points bigint not null,
  reason text not null,
  at bigint not null,
  by_whom text not null
);
create index redemptions_customer on redemptions (customer_id);
-- pg: revoke update, delete on redemptions from {app};
-- sqlite: create trigger redemptions_keep before delete on redemptions begin select raise(abort, 'redemptions are append-only'); end;
-- sqlite: create trigger redemptions_fixed before update on redemptions begin select raise(abort, 'redemptions are append-only'); end;
create table redemption_reversals (
  redemption_id text primary key,
  reason text not null,
  at bigint not null,
  by_whom text not null
);
-- pg: revoke update, delete on redemption_reversals from {app};
-- sqlite: create trigger redemption_reversals_keep before delete on redemption_reversals begin select raise(abort, 'reversals are append-only'); end;
-- sqlite: create trigger redemption_reversals_fixed before update on redemption_reversals begin select raise(abort, 'reversals are append-only'); end;

-- G6: what is written about a person is sealed with a key of their own.
create table person_keys (
  customer_id text primary key,
  data_key text not null
);

create table complaints (
  id text primary key,
  customer_id text not null,
  state smallint not null,
  opened_at bigint not null,
  resolved_at bigint,
  outcome smallint not null,
  satisfaction smallint not null,
  version bigint not null
);
create index complaints_customer on complaints (customer_id, opened_at);
create index complaints_state on complaints (state, opened_at);
create table complaint_notes (
  id text primary key,
  complaint_id text not null,
  at bigint not null,
  by_whom text not null,
  note text not null
);
create index complaint_notes_complaint on complaint_notes (complaint_id, id);

create table surveys (
  id text primary key,
  customer_id text not null,
  satisfaction smallint not null,
  answered_at bigint not null,
  recorded_at bigint not null,
  recorded_by text not null
);
create index surveys_customer on surveys (customer_id, answered_at);
-- pg: revoke update, delete on surveys from {app};
-- sqlite: create trigger surveys_keep before delete on surveys begin select raise(abort, 'answers are append-only'); end;
-- sqlite: create trigger surveys_fixed before update on surveys begin select raise(abort, 'answers are append-only'); end;
