-- What this migration added to the database of the file before, with rows in every table.

-- Evaluations: one model's answers to the questions of one set, scored. See domain/evaluation.py.
CREATE TABLE evaluation (
    evaluation_no INTEGER NOT NULL,
    run_id        VARCHAR NOT NULL,      -- '': read in from files
    source        VARCHAR NOT NULL,      -- own, read in
    model         VARCHAR NOT NULL,      -- as it is shown
    kept_model    VARCHAR NOT NULL,      -- its name among the kept models, or ''
    endpoint      VARCHAR NOT NULL,      -- '': answered on this machine, or read in
    question_set  VARCHAR NOT NULL,
    set_hash      VARCHAR NOT NULL,      -- of the set's files, as they were when it was asked
    version       VARCHAR NOT NULL,      -- of the leaderboard whose rules were applied: v1, v2, v3, v4
    mode          VARCHAR NOT NULL,      -- prompt, native
    settings      VARCHAR NOT NULL,      -- JSON object
    is_scripted   BOOLEAN NOT NULL,      -- answered by the scripted local server
    origin        VARCHAR NOT NULL,      -- of what was read in: the folder's name
    person        VARCHAR NOT NULL,
    made_at       TIMESTAMP NOT NULL
);

-- One row for each question that was to be asked; more where it was asked again in a later attempt.
CREATE TABLE evaluation_item (
    evaluation_no INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,      -- from 1
    place         INTEGER NOT NULL,      -- in the order of the set, from 0
    category      VARCHAR NOT NULL,      -- its name in v4
    item_id       VARCHAR NOT NULL,
    state         VARCHAR NOT NULL,      -- answered, not answered
    reason        VARCHAR NOT NULL,      -- why not answered
    output        VARCHAR NOT NULL,      -- JSON: the text, or the list of calls in native mode
    decoded       VARCHAR NOT NULL,      -- JSON: the calls that were read in it
    decode_error  VARCHAR NOT NULL,      -- '': it could be read
    is_valid      BOOLEAN,               -- NULL: not answered, so not scored
    error_type    VARCHAR NOT NULL,
    errors        VARCHAR NOT NULL,      -- JSON list of texts
    seconds       DOUBLE,
    input_tokens  BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost          DOUBLE
);

-- Removed and put back: the last one counts. The rows of an evaluation stay.
CREATE TABLE evaluation_change (
    change_no     INTEGER NOT NULL,
    evaluation_no INTEGER NOT NULL,
    change        VARCHAR NOT NULL,      -- removed, put back
    person        VARCHAR NOT NULL,
    changed_at    TIMESTAMP NOT NULL
);

CREATE VIEW current_evaluation AS
SELECT e.* FROM evaluation AS e LEFT JOIN (
    SELECT evaluation_no, arg_max(change, change_no) AS last_change FROM evaluation_change GROUP BY evaluation_no
) AS c ON e.evaluation_no = c.evaluation_no
WHERE c.last_change IS DISTINCT FROM 'removed';

-- An answer is never lost to a later attempt that brought none.
CREATE VIEW current_evaluation_item AS
SELECT * FROM evaluation_item
QUALIFY row_number() OVER (PARTITION BY evaluation_no, item_id ORDER BY is_valid IS NULL, attempt DESC) = 1;

INSERT INTO schema_migration VALUES (20, '0020_evaluation', '50e9889b188380d6cc19a2b4996568715387b0ba05fe12f2ae027d4535526e6d', '2026-01-01');

INSERT INTO evaluation VALUES (1, '20260101-000000-r', 'own', 'tiny-1', 'tiny-1', '', 'small', 'h1', 'v4', 'prompt', '{"max_tokens":512}', false, '', 'ada', '2026-01-01 00:00:00');

INSERT INTO evaluation_item VALUES (1, 1, 0, 'simple_python', 'simple_python_0', 'answered', '', '"[get_weather(city=''Bergen'')]"', '[{"get_weather":{"city":"Bergen"}}]', '', true, '', '[]', 0.5, 12, 8, NULL);

INSERT INTO evaluation_change VALUES (1, 1, 'removed', 'ada', '2026-01-01 00:00:00');
