-- What this migration added to the database of the file before, with rows in every table.

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

INSERT INTO schema_migration VALUES (6, '0006_runs', '692c68a7512e8faca730c92d9b0c13a557dee82b74586dd67ff52535640aaa9a', '2026-01-01');

INSERT INTO run_part VALUES ('some', 'some', 1, '2026-01-01');
INSERT INTO store_identity VALUES ('some');
