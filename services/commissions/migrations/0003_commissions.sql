-- Facts are sets (C12): the highest version of each stands, the raw event beside the columns.
create table settlement_facts (
  settlement_id text primary key,
  version bigint not null,
  customer_id text not null,
  visit_id text,
  refund_of text,
  source text not null,
  course_no text,
  settled_on text,
  settled_month text,
  total_fen bigint not null,
  occurred_at bigint not null,
  recorded_at bigint not null,
  body text not null
);
create index settlement_facts_customer on settlement_facts (customer_id, settled_month);
create index settlement_facts_month on settlement_facts (settled_month, settled_on);

create table course_facts (
  course_id text primary key,
  version bigint not null,
  customer_id text not null,
  source text not null,
  course_no text not null,
  closed_on text,
  closed_month text,
  occurred_at bigint not null,
  recorded_at bigint not null,
  body text not null
);
create index course_facts_customer on course_facts (customer_id);
create index course_facts_month on course_facts (closed_month, closed_on) where closed_month is not null;

create table recognition_facts (
  recognition_id text primary key,
  version bigint not null,
  customer_id text not null,
  rep_id text not null,
  occurred_at bigint not null,
  recorded_at bigint not null,
  body text not null
);
create index recognition_facts_customer on recognition_facts (customer_id);
create index recognition_facts_rep on recognition_facts (rep_id);

-- Plan documents (C2): a version is proposed, approved by two people, then never edited.
create table plans (
  id text primary key,
  code text not null,
  version bigint not null,
  effective_from text not null,
  author text not null,
  author_staff_id text,
  body text not null,
  created_at bigint not null,
  unique (code, version)
);
create index plans_list on plans (code, version desc);
-- pg: revoke update, delete on plans from {app};
-- sqlite: create trigger plans_keep before delete on plans begin select raise(abort, 'plans are append-only'); end;
-- sqlite: create trigger plans_fixed before update on plans begin select raise(abort, 'plans are append-only'); end;
-- Persons approve, not accounts: one approval of each member of staff.
create table plan_approvals (
  plan_id text not null,
  staff_id text not null,
  approver text not null,
  approved_at bigint not null,
  primary key (plan_id, staff_id)
);
-- pg: revoke update, delete on plan_approvals from {app};
-- sqlite: create trigger plan_approvals_keep before delete on plan_approvals begin select raise(abort, 'approvals are append-only'); end;
-- sqlite: create trigger plan_approvals_fixed before update on plan_approvals begin select raise(abort, 'approvals are append-only'); end;

create table periods (
  period text primary key,
  locked_by text not null,
  locked_at bigint not null
);
-- pg: revoke update, delete on periods from {app};
-- sqlite: create trigger periods_keep before delete on periods begin select raise(abort, 'a lock is for good'); end;
-- sqlite: create trigger periods_fixed before update on periods begin select raise(abort, 'a lock is for good'); end;

-- One row. The first period (C13) and, in `changes`, what serialises everything that a lock depends on besides facts:
-- whoever locks, proposes or approves a plan, or sets the first period updates the row first.
create table period_settings (
  id smallint primary key,
  first_period text,
  set_by text,
  set_at bigint,
  changes bigint not null
);
insert into period_settings (id, changes) values (1, 0);

-- C13: frozen for good; `roster` is the payee's work as it was known then, to name later what has moved.
create table locked_statements (
  period text not null,
  payee_id text not null,
  commission_fen bigint not null,
  statement_hash text not null,
  roster text not null,
  body text not null,
  primary key (period, payee_id)
);
-- pg: revoke update, delete on locked_statements from {app};
-- sqlite: create trigger locked_statements_keep before delete on locked_statements begin select raise(abort, 'statements are frozen'); end;
-- sqlite: create trigger locked_statements_fixed before update on locked_statements begin select raise(abort, 'statements are frozen'); end;
create table locked_sources (
  period text not null,
  payee_id text not null,
  settlement_id text not null,
  line_no text not null,
  version bigint not null,
  body text not null,
  primary key (period, payee_id, settlement_id, line_no)
);
-- pg: revoke update, delete on locked_sources from {app};
-- sqlite: create trigger locked_sources_keep before delete on locked_sources begin select raise(abort, 'statements are frozen'); end;
-- sqlite: create trigger locked_sources_fixed before update on locked_sources begin select raise(abort, 'statements are frozen'); end;

-- What is carried out of a locked month, by payee and rule (C1), and in `stamp` what it was computed from: while that is the same, a later
-- period begins here and reads nothing that lies before.
create table closings (
  payee_id text not null,
  month text not null,
  stamp text not null,
  primary key (payee_id, month)
);
create table closing_carries (
  payee_id text not null,
  month text not null,
  rule_key text not null,
  carry_fen bigint not null,
  primary key (payee_id, month, rule_key)
);

-- What a lock has computed so far, by its operation; frozen all at once, then dropped.
create table draft_statements (
  operation_id text not null,
  period text not null,
  payee_id text not null,
  commission_fen bigint not null,
  statement_hash text not null,
  roster text not null,
  body text not null,
  primary key (operation_id, payee_id)
);
create table draft_sources (
  operation_id text not null,
  period text not null,
  payee_id text not null,
  settlement_id text not null,
  line_no text not null,
  version bigint not null,
  body text not null,
  primary key (operation_id, payee_id, settlement_id, line_no)
);
create table draft_closings (
  operation_id text not null,
  payee_id text not null,
  month text not null,
  stamp text not null,
  primary key (operation_id, payee_id)
);
create table draft_carries (
  operation_id text not null,
  payee_id text not null,
  month text not null,
  rule_key text not null,
  carry_fen bigint not null,
  primary key (operation_id, payee_id, rule_key)
);
create table draft_entries (
  operation_id text not null,
  payee_id text not null,
  id text not null,
  journal_id text not null,
  account text not null,
  amount_fen bigint not null,
  period text not null,
  memo text not null,
  primary key (operation_id, payee_id, id)
);

-- C14: double entry; a debit is positive, a credit negative, a journal adds up to zero.
create table ledger_entries (
  id text primary key,
  journal_id text not null,
  account text not null,
  amount_fen bigint not null,
  period text not null,
  memo text not null,
  booked_at bigint not null
);
create index ledger_entries_account on ledger_entries (account, amount_fen);
create index ledger_entries_period on ledger_entries (period, account, amount_fen);
-- pg: revoke update, delete on ledger_entries from {app};
-- sqlite: create trigger ledger_entries_keep before delete on ledger_entries begin select raise(abort, 'the ledger is append-only'); end;
-- sqlite: create trigger ledger_entries_fixed before update on ledger_entries begin select raise(abort, 'the ledger is append-only'); end;
