-- What this migration added to the database of the file before, with rows in every table.

-- Recipes of mixtures, and what became of the releases frozen from them. Both append-only.
CREATE TABLE recipe (
    name         VARCHAR NOT NULL,
    version      INTEGER NOT NULL,       -- 1, 2, ...; the highest one counts
    text         VARCHAR NOT NULL,       -- YAML, as its author wrote it
    note         VARCHAR NOT NULL,
    person       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

-- A release itself is a folder; these rows say how it came about and whether it was put away.
CREATE TABLE release_event (
    release_id   VARCHAR NOT NULL,       -- content hash: the name of its folder
    event        VARCHAR NOT NULL,       -- frozen, archived
    name         VARCHAR NOT NULL,
    recipe_name  VARCHAR NOT NULL,
    recipe_version INTEGER NOT NULL,
    run_id       VARCHAR NOT NULL,
    row_count    BIGINT NOT NULL,
    person       VARCHAR NOT NULL,
    note         VARCHAR NOT NULL,
    at_time      TIMESTAMP NOT NULL
);

-- How large each version is: a version never changes, so this is measured once.
CREATE TABLE row_measure (
    version_no   BIGINT NOT NULL,
    content_high UBIGINT NOT NULL,       -- the first and second half of the content id
    content_low  UBIGINT NOT NULL,
    permalink_high UBIGINT NOT NULL,     -- the first half of the trajectory id
    text_length  INTEGER NOT NULL,       -- bytes of instructions, query, examples and steps
    tools_length INTEGER NOT NULL,       -- bytes of the tools on offer
    tool_count   INTEGER NOT NULL,
    trajectory_no BIGINT NOT NULL,       -- from here on as in `trajectory`: read together, by the million
    step_count   INTEGER NOT NULL,
    call_count   INTEGER NOT NULL,
    one_call_count INTEGER NOT NULL,     -- of its steps: those with one call, two, and more
    two_call_count INTEGER NOT NULL,
    more_call_count INTEGER NOT NULL
);

INSERT INTO schema_migration VALUES (14, '0014_release', '2727ac1cd39304639258446f8205a4bd611389d8212d9cbac848044534d1d331', '2026-01-01');

INSERT INTO recipe VALUES ('some', 1, 'some', 'some', 'ann', '2026-01-01');
INSERT INTO release_event VALUES ('some', 'some', 'some', 'some', 1, 'some', 1, 'ann', 'some', '2026-01-01');
INSERT INTO row_measure VALUES (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
