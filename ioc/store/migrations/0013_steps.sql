-- The life of an incident: steps, comments, checklists, verdicts.
select 1;
