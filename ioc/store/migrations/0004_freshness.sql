-- Freshness of each stream, and alarms that the centre raises about its own sources.
select 1;
