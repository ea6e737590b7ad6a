-- In which encoding a file is written (TextEncoding; what was begun before is read as UTF-8); how far the file was looked through to find
-- it out, with what was counted on the way. read_offset stays 0 until it is known: a replica of the release before begins there.
alter table import_operations add column encoding smallint not null default 1;
alter table import_operations add column scan_offset bigint not null default 0;
alter table import_operations add column utf8_faults bigint not null default 0;
alter table import_operations add column gb18030_faults bigint not null default 0;
alter table import_operations add column utf8_pairs bigint not null default 0;
alter table import_operations add column utf8_longer bigint not null default 0;
-- L11: rows without any value; birthdays that are likely placeholders.
alter table import_operations add column blank bigint not null default 0;
alter table import_operations add column placeholder_birthdays bigint not null default 0;
