-- What this migration added to the database of the file before, with rows in every table.

-- What judges said, one row per judgement, append-only. See domain/rating.py for the meaning of each column.
CREATE TABLE rating (
    rating_no    BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL,
    judge        VARCHAR NOT NULL,
    subject      VARCHAR NOT NULL,       -- argument, call, step, trajectory, candidate
    version_no   BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    step         INTEGER NOT NULL,
    call         INTEGER NOT NULL,
    pointer      VARCHAR NOT NULL,
    candidate_no BIGINT NOT NULL,        -- 0: about the trajectory itself
    member       VARCHAR NOT NULL,       -- single, member (of a committee), committee
    state        VARCHAR NOT NULL,       -- judged, not_judged
    not_judged_reason VARCHAR NOT NULL,
    verdict      VARCHAR NOT NULL,
    score        DOUBLE,
    scale_low    DOUBLE NOT NULL,
    scale_high   DOUBLE NOT NULL,
    is_flagged   BOOLEAN NOT NULL,
    rationale    VARCHAR NOT NULL,
    details      VARCHAR NOT NULL,       -- JSON object
    model        VARCHAR NOT NULL,
    endpoint     VARCHAR NOT NULL,
    is_scripted  BOOLEAN NOT NULL,       -- answered by the scripted local server
    prompt_name  VARCHAR NOT NULL,
    prompt_version INTEGER NOT NULL,
    prompt_hash  VARCHAR NOT NULL,
    settings     VARCHAR NOT NULL,       -- JSON object
    input_hash   VARCHAR NOT NULL,
    raw_reply    VARCHAR NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost         DOUBLE,
    rated_at     TIMESTAMP NOT NULL
);

-- What counts: for each place, judge, model and prompt text, the last judgement of a version that counts; a
-- place that could not be judged a second time keeps what was said the first time.
CREATE VIEW current_rating AS
SELECT * FROM (
    SELECT r.*, row_number() OVER (
        PARTITION BY version_no, candidate_no, judge, model, member, prompt_hash, step, call, pointer
        ORDER BY state, rating_no DESC
    ) AS newest
    FROM rating AS r ANTI JOIN superseded AS s ON r.version_no = s.version_no
) WHERE newest = 1;

INSERT INTO schema_migration VALUES (7, '0007_ratings', '46aa0f94ed9fe0b34ea986fa5fd6c7194e61f206a93852259a4de338955c7359', '2026-01-01');

INSERT INTO rating VALUES (1, 'some', 'some', 'argument', 1, 1, 1, 1, 'some', 0, 'single', 'judged', 'some', 'some', 1.0, 1.0, 1.0, false, 'some', '{}', 'some', 'some', false, 'some', 1, 'some', '{}', 'some', 'some', 1, 1, 1.0, '2026-01-01');
