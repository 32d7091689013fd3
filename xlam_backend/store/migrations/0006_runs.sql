-- Which finished parts of which runs the store has taken in: each once, in the transaction of its rows.
CREATE TABLE run_part (
    run_id       VARCHAR NOT NULL,
    part         VARCHAR NOT NULL,
    row_count    BIGINT NOT NULL,
    taken_at     TIMESTAMP NOT NULL
);

-- Names this store: the numbers in a run's parts mean something in the store it was started from alone.
CREATE TABLE store_identity (
    store_id     VARCHAR NOT NULL
);
INSERT INTO store_identity SELECT CAST(uuid() AS VARCHAR);
