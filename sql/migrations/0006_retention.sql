-- 0006_retention
do $$ begin end $$;
