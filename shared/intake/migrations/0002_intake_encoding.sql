-- In which encoding a file is written (TextEncoding; what was begun before is read as UTF-8), and how often what was looked through
-- so far breaks each of the two.
alter table import_operations add column encoding smallint not null default 1;
alter table import_operations add column utf8_faults bigint not null default 0;
alter table import_operations add column gb18030_faults bigint not null default 0;
