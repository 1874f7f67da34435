\set number random(1, :rows)
SELECT flowcustomer.customer_get('bench', md5('customer' || :number::text)::uuid::text);
