-- A tile of alarms costs the same however many have ended: what ended is not in the index that it is made from.
-- Incidents (0001) and tickets (0016) have such an index already.
drop index alarms_geom3857;
create index alarms_geom3857_open on alarms using gist (geom3857) where cleared_at is null and match <> 'suppressed';
