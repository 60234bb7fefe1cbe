-- What the map draws: columns and indexes from which vector tiles come quickly.
select 1;
