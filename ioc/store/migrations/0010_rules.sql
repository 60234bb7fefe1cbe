-- Rules with their versions and overrides.
select 1;
