-- Readings that last: partitions by retention class, rollups.
select 1;
