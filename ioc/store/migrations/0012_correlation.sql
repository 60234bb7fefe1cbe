-- Which alarms belong together: where each incident reaches, and what is related.
select 1;
