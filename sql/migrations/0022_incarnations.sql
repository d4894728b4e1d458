-- A restored database is told from the one that was served before, in the very statement that reads it.
--
-- Why: a server that keeps running while a backup is restored under it must not answer by what it has in memory, and the epoch
-- alone comes to the same number again. And from a database that waits for `maysend restore-check` nothing is sent or sealed.
-- Locks: catalogue_epoch and cluster, for a moment.

alter table catalogue_epoch add column incarnation uuid not null default gen_random_uuid();
comment on column catalogue_epoch.incarnation is 'made anew by whatever a restore needs: epochs of another one say nothing';
create function cluster_changed() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    update catalogue_epoch set epoch = epoch + 1, incarnation = gen_random_uuid();
    return null;
end $$;
drop trigger changed on cluster;
create trigger changed after update on cluster for each row execute function cluster_changed();

-- Whether the database is in the cluster that it was served in, and no restore has to be checked.
create function is_settled() returns boolean language sql stable set search_path = maysend as $$
    select c.restore_wanted is null and c.system_identifier = s.system_identifier::text
    from cluster c, pg_control_system() s
$$;
grant select on cluster to maysend_courier;
grant select on catalogue_epoch to maysend_seal;
