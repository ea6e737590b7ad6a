-- N2: whose birthday a day is, without opening a row: a keyed index of calendar, month and day. Rows from before are
-- filled by a timer, as they must be opened for it.
alter table customers add column birthday_index text;
create index customers_birthday on customers (birthday_index, id) where birthday_index is not null;
create index customers_birthday_missing on customers (id) where birthday is not null and birthday_index is null;

-- P2: what a person agreed to or took back, for good. `at` is the decision's own time; 0 when nobody knows it.
create table consents (
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
-- N3: when somebody agreed to marketing themselves, and with which phone: that lifts a stop, a file never does.
alter table customers add column express_consent_at bigint;
alter table customers add column express_consent_phone text;
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
