\set number random(1, :rows)
SELECT bench.customer_get_plpgsql('bench', md5('customer' || :number::text)::uuid::text);
