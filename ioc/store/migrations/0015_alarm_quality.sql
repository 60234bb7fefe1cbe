-- How good the alarms are: figures kept by the hour.
select 1;
