-- What this migration added to the database of the file before, with rows in every table.

-- Finds a trajectory by its id: comparing eight bytes a row instead of 32 letters.
-- prefix is the first half of the id (32 hex digits) as a number.
CREATE TABLE trajectory_key (
    prefix       UBIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL
);

INSERT INTO trajectory_key
SELECT ('0x' || left(trajectory_id, 16))::UBIGINT, trajectory_no FROM trajectory WHERE version = 0 ORDER BY version_no;

INSERT INTO schema_migration VALUES (5, '0005_trajectory_key', '45bc3c3b4d7c6b87f0de345af4b14cbd2dbe19574bf6fd07ed5b042d39dcd1cb', '2026-01-01');
