-- M2 counts the sessions of a course. Lines that were recorded before count as one.
alter table settlement_lines add column quantity bigint not null default 1;
