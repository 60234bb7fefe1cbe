-- What citizens and agencies say.
select 1;
