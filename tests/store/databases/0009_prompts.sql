-- What this migration added to the database of the file before, with rows in every table.

-- Versions people made of the prompts that come as files (version 1), and which one counts.
CREATE TABLE prompt_version (
    prompt_name  VARCHAR NOT NULL,
    prompt_version INTEGER NOT NULL,     -- 2, 3, ...; 1 is the file
    prompt_hash  VARCHAR NOT NULL,
    body         VARCHAR NOT NULL,
    note         VARCHAR NOT NULL,
    person       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

-- The last row of a prompt says which version is asked; going back is a new row.
CREATE TABLE prompt_promotion (
    promotion_no INTEGER NOT NULL,
    prompt_name  VARCHAR NOT NULL,
    prompt_version INTEGER NOT NULL,
    person       VARCHAR NOT NULL,
    because      VARCHAR NOT NULL,
    promoted_at  TIMESTAMP NOT NULL
);

-- Frozen sets of labelled places that a prompt is tried on.
CREATE TABLE labelled_set (
    set_no       INTEGER NOT NULL,
    name         VARCHAR NOT NULL,
    judge        VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    made_from    VARCHAR NOT NULL,       -- JSON: queues, gold items, samples
    person       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

CREATE TABLE labelled_item (
    set_no       INTEGER NOT NULL,
    place        INTEGER NOT NULL,
    version_no   BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    step         INTEGER NOT NULL,
    call         INTEGER NOT NULL,
    pointer      VARCHAR NOT NULL,
    is_bad       BOOLEAN NOT NULL,       -- the right answer: this place deserves the flag
    origin       VARCHAR NOT NULL        -- where the answer comes from: reviewed, gold, planted
);

CREATE TABLE rehearsal (
    rehearsal_no INTEGER NOT NULL,
    run_id       VARCHAR NOT NULL,
    set_no       INTEGER NOT NULL,
    set_hash     VARCHAR NOT NULL,       -- content hash of the set as it was asked about
    prompt_name  VARCHAR NOT NULL,
    draft_version INTEGER NOT NULL,
    current_version INTEGER NOT NULL,
    endpoint     VARCHAR NOT NULL,
    model        VARCHAR NOT NULL,
    is_scripted  BOOLEAN NOT NULL,
    items        VARCHAR NOT NULL,       -- JSON list: place, right answer, verdict and cost under each prompt
    rehearsed_at TIMESTAMP NOT NULL
);

INSERT INTO schema_migration VALUES (9, '0009_prompts', '53f93ad3ba8058c399d1a7253a8ceb3e0b93647438d21ea8a6acb7447eb907a1', '2026-01-01');

INSERT INTO prompt_version VALUES ('some', 1, 'some', 'some', 'some', 'ann', '2026-01-01');
INSERT INTO prompt_promotion VALUES (1, 'some', 1, 'ann', 'some', '2026-01-01');
INSERT INTO labelled_set VALUES (1, 'some', 'some', 'some', '{}', 'ann', '2026-01-01');
INSERT INTO labelled_item VALUES (1, 1, 1, 1, 1, 1, 'some', false, 'generated');
INSERT INTO rehearsal VALUES (1, 'some', 1, 'some', 'some', 1, 1, 'some', 'some', false, '[]', '2026-01-01');
