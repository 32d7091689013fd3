-- What this migration added to the database of the file before, with rows in every table.

-- Answers of less powerful models to a step of a trajectory, and the chosen/rejected pairs they give.
-- See domain/candidate.py and domain/pair.py for the meaning of each column.
CREATE TABLE candidate (
    candidate_no BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL,
    version_no   BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    step         INTEGER NOT NULL,       -- the step it answers instead of
    model        VARCHAR NOT NULL,
    endpoint     VARCHAR NOT NULL,
    is_scripted  BOOLEAN NOT NULL,
    attempt      INTEGER NOT NULL,       -- 0 .. n-1 of this model
    prompt_name  VARCHAR NOT NULL,
    prompt_version INTEGER NOT NULL,
    prompt_hash  VARCHAR NOT NULL,
    state        VARCHAR NOT NULL,       -- parsed, unreadable, not_generated
    reason       VARCHAR NOT NULL,       -- why not parsed or not generated
    thought      VARCHAR NOT NULL,
    tool_calls   VARCHAR NOT NULL,       -- JSON list of domain ToolCall
    findings     VARCHAR NOT NULL,       -- JSON list of domain Finding: what the rules say
    flagged_by   VARCHAR NOT NULL,       -- the check of the gravest finding of level reject or fix, '' none
    not_checked  VARCHAR NOT NULL,       -- JSON list of domain NotChecked
    score        DOUBLE,                 -- the judge's rating of it; NULL: not rated
    own_score    DOUBLE,                 -- the judge's rating of the trajectory's own step
    difference   VARCHAR NOT NULL,       -- domain.review.PairReason: what differs from the own step, '' nothing
    classification VARCHAR NOT NULL,     -- same, rejected, unclear, unusable
    classified_because VARCHAR NOT NULL,
    raw_reply    VARCHAR NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost         DOUBLE,
    generated_at TIMESTAMP NOT NULL
);

CREATE TABLE pair (
    pair_no      BIGINT NOT NULL,
    version_no   BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    step         INTEGER NOT NULL,
    candidate_no BIGINT NOT NULL,
    origin       VARCHAR NOT NULL,       -- generated; later stages add corruption
    chosen       VARCHAR NOT NULL,       -- JSON {thought, tool_calls}
    rejected     VARCHAR NOT NULL,       -- JSON {thought, tool_calls}
    reason       VARCHAR NOT NULL,       -- domain.review.PairReason: wrong tool, missing argument, ...
    is_equal     BOOLEAN NOT NULL,       -- both sides make the same calls: no preference
    margin       DOUBLE,                 -- rating of chosen minus rating of rejected
    made_at      TIMESTAMP NOT NULL
);

-- Pairs of versions that count.
CREATE VIEW current_pair AS
SELECT p.* FROM pair AS p ANTI JOIN superseded AS s ON p.version_no = s.version_no;

INSERT INTO schema_migration VALUES (8, '0008_pairs', 'f15f1276f000af33f3424c1af897e2727198c9b3c8596dd4edc54b03740b6e00', '2026-01-01');

INSERT INTO candidate VALUES (0, 'some', 1, 1, 1, 'some', 'some', false, 1, 'some', 1, 'some', 'judged', 'some', 'some', '[]', '[]', 'some', 'some', 1.0, 1.0, 'some', 'some', 'some', 'some', 1, 1, 1.0, '2026-01-01');
INSERT INTO pair VALUES (1, 1, 1, 1, 0, 'generated', '{}', '{}', 'some', false, 1.0, '2026-01-01');
