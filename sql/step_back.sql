-- Optional, for checks that stay quick while a list is merged or a sweep erases: lets the connections that do such work ask
-- the machine to run them only when nobody else wants the processor. Run once in each database by a superuser, after
-- `maysend migrate`, and again without harm:
--
--   psql -f sql/step_back.sql DATABASE
--
-- Why: PostgreSQL has no command for it, and where a backend computes for a whole slice Linux leaves it the processor for up to
-- 4 ms while a check waits. Nobody but a superuser can have a program of the system run, so the function is theirs; its text is
-- fixed, it takes no argument, and whoever may call it can do nothing with it but lower the priority of the own connection,
-- for good. Without it all works as well, and checks wait longer meanwhile ('maysend doctor' says which of the two it is).
--
-- The shell's parent is the backend. `renice` counts within a group of processes; where the kernel makes a group of every
-- session, as the backend's own is, the group has to step back too (at most ten a second may, so it tries for a while).
-- Locks nothing but the function.
create or replace function maysend.step_back() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    copy (select where false) to program
        'renice -n 10 -p $PPID >/dev/null || exit 1
         group=/proc/$PPID/autogroup tries=0
         while [ -w $group ] && [ $tries -lt 30 ] && ! echo 10 2>/dev/null >$group; do
             tries=$((tries + 1)); sleep 0.1
         done
         exit 0';
end $$;
comment on function maysend.step_back() is
    'the backend of this connection gets the processor when nobody else wants it, until it ends; installed by a superuser';
revoke all on function maysend.step_back() from public;
grant execute on function maysend.step_back()
    to maysend_check, maysend_write, maysend_audit, maysend_courier, maysend_seal;
