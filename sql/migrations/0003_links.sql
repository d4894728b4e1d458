-- 0003_links
do $$ begin end $$;
