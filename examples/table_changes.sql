-- Capture of the changes of a table `customers`, whose primary key is `id`.
--
-- A trigger writes each changed row into an outbox, in the transaction that changes it: both are
-- committed, or neither is. A row that is deleted is written as a key without a row.
-- Numbers in the outbox follow the order of the changes of one row, for a second transaction can
-- change the row only after the first has ended.

CREATE TABLE outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,
    row jsonb
);

CREATE FUNCTION capture_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO outbox (key) SELECT id FROM customers;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO outbox (key) VALUES (OLD.id);
    ELSE
        IF TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
            INSERT INTO outbox (key) VALUES (OLD.id);
        END IF;
        INSERT INTO outbox (key, row) VALUES (NEW.id, to_jsonb(NEW));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER captured AFTER INSERT OR UPDATE OR DELETE ON customers
    FOR EACH ROW EXECUTE FUNCTION capture_change();
CREATE TRIGGER captured_whole BEFORE TRUNCATE ON customers
    EXECUTE FUNCTION capture_change();

-- The rows that are there already. The triggers keep writers out until this transaction ends.
INSERT INTO outbox (key, row) SELECT id, to_jsonb(customers) FROM customers;
