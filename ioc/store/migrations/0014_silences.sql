-- Silences, and what each hid.
select 1;
