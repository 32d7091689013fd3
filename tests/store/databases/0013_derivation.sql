-- What this migration added to the database of the file before, with rows in every table.

-- What was made from what: one row for each trajectory that was made from another one in the store.
-- The made trajectory is an ordinary one, in a dataset of its own. See domain/telling.py.
CREATE TABLE derivation (
    trajectory_no BIGINT NOT NULL,       -- what was made
    parent_no    BIGINT NOT NULL,        -- trajectory_no of its parent, which may be removed later
    parent_version_no BIGINT NOT NULL,   -- the version of the parent that was read
    parent_id    VARCHAR NOT NULL,       -- content id of that version
    kind         VARCHAR NOT NULL,       -- augmented, rephrased
    telling      VARCHAR NOT NULL,       -- JSON of domain Telling, or null
    model        VARCHAR NOT NULL,       -- the model that wrote it, '' where none did
    is_scripted  BOOLEAN NOT NULL,       -- that model was the scripted one
    seed         BIGINT NOT NULL,
    plan         VARCHAR NOT NULL,       -- JSON: the parameters of the run
    run_id       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

INSERT INTO schema_migration VALUES (13, '0013_derivation', '083e1d77a2ac133264c3a6e3d250ab8cdd2341920d5f686054d65041c1348690', '2026-01-01');

INSERT INTO derivation VALUES (1, 1, 1, 'some', 'some', '{}', 'some', false, 1, '{}', 'some', '2026-01-01');
