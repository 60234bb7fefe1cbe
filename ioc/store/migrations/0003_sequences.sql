-- Which sequence numbers of each device are here: gaps and receipts.
select 1;
