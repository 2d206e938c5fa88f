-- Run in the transaction that copies production into staging: nobody ever sees what it takes away. Schema, venues, bookings, claims and
-- history stay as they are; who the customers are does not.
SET LOCAL search_path = public;

UPDATE bookings SET
    customer_name = CASE WHEN customer_name = '' THEN '' ELSE 'Customer ' || left(md5(id), 8) END,
    customer_email = CASE WHEN customer_email = '' THEN '' ELSE left(md5(id), 8) || '@staging.invalid' END,
    customer_phone = '', customer_note = '',
    client_tag = '', contact_tag = '',
    -- No customer's link leads into staging.
    token_hash = sha256(convert_to(gen_random_uuid()::text || id, 'UTF8'));

-- What tags are keyed with. Staging makes one of its own.
UPDATE meta SET client_secret = '';
