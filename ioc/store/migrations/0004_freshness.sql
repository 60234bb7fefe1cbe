-- Freshness of each stream, and alarms that the centre raises about its own sources.

-- A late value asks for the alarms of its key; an alarm that comes back for the incidents of its.
create index alarms_key on alarms (key, cleared_at);
create index incidents_key on incidents (key, updated_at);
