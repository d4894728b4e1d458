-- 0005_imports
do $$ begin end $$;
