-- 0004_outbox
do $$ begin end $$;
