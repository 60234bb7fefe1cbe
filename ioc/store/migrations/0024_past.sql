-- What the wall needs to show a moment that is past.
select 1;
