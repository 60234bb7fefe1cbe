-- What only a superuser may do, once in each database of an installation; harmless when repeated.
-- Read by the private PostgreSQL of ./run and by docker/compose.yml. Passwords are set elsewhere.
--
--   ioc_owner    owns the database and its tables, runs the migrations
--   ioc_app      the service; owns nothing, so that row-level security binds it
--   ioc_outside  reads through the views of the schema "outside", for checks from outside

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ioc_owner') THEN CREATE ROLE ioc_owner; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ioc_app') THEN CREATE ROLE ioc_app; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ioc_outside') THEN CREATE ROLE ioc_outside; END IF;
  EXECUTE format('ALTER DATABASE %I OWNER TO ioc_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO ioc_app', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO ioc_outside', current_database());
END $$;

ALTER ROLE ioc_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE ioc_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE ioc_outside LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE ioc_outside SET default_transaction_read_only = on;
ALTER ROLE ioc_outside SET search_path = outside, public;

-- PostGIS stands in "public", which belongs to the owner of the database.
CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
GRANT USAGE ON SCHEMA public TO ioc_app, ioc_outside;

-- PostGIS does not declare the functions behind && ~ @ and ~= leakproof, so that row-level security keeps the
-- planner from using a GiST index for them (18.8 ms instead of 1.1). They compare bounding boxes and neither
-- raise nor report anything that depends on a row. Only a superuser may declare it.
ALTER FUNCTION public.geometry_overlaps(public.geometry, public.geometry) LEAKPROOF;
ALTER FUNCTION public.geometry_contains(public.geometry, public.geometry) LEAKPROOF;
ALTER FUNCTION public.geometry_within(public.geometry, public.geometry) LEAKPROOF;
ALTER FUNCTION public.geometry_same(public.geometry, public.geometry) LEAKPROOF;
