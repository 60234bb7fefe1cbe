-- Devices behind gateways, and dead letters that can be mended.
select 1;
