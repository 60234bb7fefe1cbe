-- How each person has arranged the wall.
select 1;
