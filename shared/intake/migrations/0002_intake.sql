-- Import files (IMPORT.md): what was received, how far it was read, what waits, what was refused.
-- Rows hold personal data: sealed under the service's key, deleted when they have served.

-- What an import is beyond its row in `operations`. `encoding` is a TextEncoding; `scan_offset` says how far the file was scanned to find
-- it out, with the counts so far. read_offset stays 0 until it is known. `blank`: rows without any value (L11); `placeholder_birthdays`: birthdays that are likely placeholders (L11).
create table imports (
  id text primary key,
  seq bigint not null unique,
  kind text not null,
  source text not null,
  dry_run smallint not null,
  header text,
  size_bytes bigint not null,
  read_offset bigint not null,
  read_line bigint not null,
  phase smallint not null,
  records_read bigint not null,
  created bigint not null,
  updated bigint not null,
  unchanged bigint not null,
  waiting bigint not null,
  refused bigint not null,
  households bigint not null,
  blank bigint not null default 0,
  placeholder_birthdays bigint not null default 0,
  encoding smallint not null default 1,
  scan_offset bigint not null default 0,
  utf8_faults bigint not null default 0,
  gb18030_faults bigint not null default 0,
  utf8_pairs bigint not null default 0,
  utf8_longer bigint not null default 0,
  new_codes text
);

create table upload_chunks (
  upload_id text not null,
  start_offset bigint not null,
  length bigint not null,
  sha256 text not null,
  data text not null,
  primary key (upload_id, start_offset)
);

-- Grouped kinds (a settlement is all rows of one number, wherever they lie): staged until all are read.
create table import_records (
  operation_id text not null,
  first_line bigint not null,
  record_no text not null,
  primary key (operation_id, record_no)
);
create index import_records_order on import_records (operation_id, first_line);
create table import_rows (
  operation_id text not null,
  record_no text not null,
  line bigint not null,
  row_text text not null,
  primary key (operation_id, record_no, line)
);

-- (kind, source, outside number) names a record for good; the hash tells an equal row from a changed one.
create table import_keys (
  kind text not null,
  source text not null,
  record_no text not null,
  target_id text not null,
  row_hash text not null,
  primary key (kind, source, record_no)
);
create index import_keys_target on import_keys (kind, target_id);

create table waiting_rows (
  kind text not null,
  source text not null,
  record_no text not null,
  operation_id text not null,
  field text not null,
  needs_kind text not null,
  needs_no text not null,
  rows_text text not null,
  retry_at bigint,
  created_at bigint not null,
  primary key (kind, source, record_no)
);
create index waiting_rows_age on waiting_rows (kind, source, created_at, record_no);
create index waiting_rows_needs on waiting_rows (source, needs_kind, needs_no);
create index waiting_rows_retry on waiting_rows (kind, source, retry_at) where retry_at is not null;

create table refused_rows (
  operation_id text not null,
  line bigint not null,
  reason text not null,
  row_text text not null,
  refused_at bigint not null,
  primary key (operation_id, line)
);
create index refused_rows_age on refused_rows (refused_at);
