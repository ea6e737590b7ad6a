-- What is nobody's event can be closed too: who said so, when, and why (sealed).
alter table dead_letters add column discarded_at bigint;
alter table dead_letters add column discarded_by text;
alter table dead_letters add column discard_reason text;
-- The same event that fails again is a letter again.
drop index dead_letters_once;
create unique index dead_letters_once on dead_letters (consumer, event_id) where replayed_at is null and discarded_at is null;
