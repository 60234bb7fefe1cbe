-- What finding a place, a device or an incident by its name needs.
select 1;
