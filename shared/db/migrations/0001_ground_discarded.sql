-- What is nobody's event can be closed too: who said so, when, and why (sealed).
alter table dead_letters add column discarded_at bigint;
alter table dead_letters add column discarded_by text;
alter table dead_letters add column discard_reason text;
