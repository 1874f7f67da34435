\set number random(1, :rows)
SELECT * FROM flowcustomer.customer WHERE tenant_uid = 'bench' AND customer_uid = md5('customer' || :number::text)::uuid::text;
