-- One service's room in the database: a schema, a role that owns it (migrations) and a role that may only
-- read and write rows (the running service). May be run again at any time.
--   psql -v service=leads -f service.sql   with RENXIN_OWNER_PASSWORD and RENXIN_APP_PASSWORD in the environment
\set ON_ERROR_STOP on
\getenv owner_password RENXIN_OWNER_PASSWORD
\getenv app_password RENXIN_APP_PASSWORD
\set owner renxin_ :service _owner
\set app renxin_ :service _app

select format('create role %I', name)
  from unnest(array[:'owner', :'app']) as name
 where not exists (select from pg_roles where rolname = name) \gexec
alter role :"owner" login nosuperuser nocreatedb nocreaterole noreplication password :'owner_password';
alter role :"app" login nosuperuser nocreatedb nocreaterole noreplication password :'app_password';

revoke all on database :"DBNAME" from public;
grant connect on database :"DBNAME" to :"owner", :"app";

create schema if not exists :"service" authorization :"owner";
grant usage on schema :"service" to :"app";
alter role :"owner" in database :"DBNAME" set search_path = :"service";
alter role :"app" in database :"DBNAME" set search_path = :"service";

alter default privileges for role :"owner" in schema :"service"
  grant select, insert, update, delete on tables to :"app";
alter default privileges for role :"owner" in schema :"service"
  grant usage on sequences to :"app";
