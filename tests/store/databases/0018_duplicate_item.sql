-- A database as migration 0018_duplicate_item left it, with rows in every table.

CREATE TABLE schema_migration (
    number     INTEGER NOT NULL,
    name       VARCHAR NOT NULL,
    checksum   VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
);

-- Datasets, the files they came from, and the trajectories themselves.
-- No foreign keys (they block updates and renames in DuckDB), no indexes on bulk tables: those are
-- append-only, and their integer keys rise with time, so zone maps find a row.

CREATE TABLE dataset (
    dataset_no   INTEGER NOT NULL,
    name         VARCHAR NOT NULL,       -- unique, what people call it
    source       VARCHAR NOT NULL,       -- file, folder or hub name as given
    importer     VARCHAR NOT NULL,
    importer_version INTEGER NOT NULL,
    recognised_by VARCHAR NOT NULL,      -- why this importer: the reason shown
    licence      VARCHAR NOT NULL,
    created_at   TIMESTAMP NOT NULL
);

-- One row per finished import; a later import into the same dataset adds a row, nothing is overwritten.
CREATE TABLE import_event (
    import_no    INTEGER NOT NULL,
    dataset_no   INTEGER NOT NULL,
    imported_at  TIMESTAMP NOT NULL,
    record_count    BIGINT NOT NULL,     -- raw records read
    read_count      BIGINT NOT NULL,     -- kept + rejected
    kept_count      BIGINT NOT NULL,     -- trajectories given by the importer
    new_count       BIGINT NOT NULL,     -- of the kept: not in the store before
    repeated_count  BIGINT NOT NULL,     -- of the kept: the same record stood in this dataset already
    rejected_count  BIGINT NOT NULL,
    importer_version INTEGER NOT NULL
);

CREATE TABLE import_file (
    import_no    INTEGER NOT NULL,
    file         VARCHAR NOT NULL,       -- relative to what was imported
    byte_count   BIGINT NOT NULL,
    sha256       VARCHAR NOT NULL
);

-- A distinct tool; content id over its whole text.
CREATE TABLE tool (
    tool_no      INTEGER NOT NULL,
    tool_id      VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    spec         VARCHAR NOT NULL        -- JSON of domain.tool.Tool
);

-- One row per version of a trajectory. trajectory_no is the version_no of its first version.
CREATE TABLE trajectory (
    version_no   BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    version      INTEGER NOT NULL,       -- 0 as imported, then 1, 2, ...
    trajectory_id VARCHAR NOT NULL,      -- content id of version 0: the permalink
    content_id   VARCHAR NOT NULL,       -- content id of this version
    dataset_no   INTEGER NOT NULL,       -- the dataset that brought it first
    query        VARCHAR NOT NULL,
    task_instruction VARCHAR NOT NULL,
    format_instruction VARCHAR NOT NULL,
    few_shot_examples VARCHAR NOT NULL,  -- JSON list
    tools        INTEGER[] NOT NULL,     -- tool_no, in order
    tools_stated BOOLEAN NOT NULL,
    steps STRUCT(
        thought VARCHAR,
        tool_calls STRUCT(name VARCHAR, arguments VARCHAR, call_id VARCHAR, unreadable VARCHAR)[],
        observations STRUCT(content VARCHAR, call_id VARCHAR, name VARCHAR)[],
        user_input VARCHAR,
        step_id VARCHAR,
        extra VARCHAR
    )[] NOT NULL,                        -- arguments, content, step_id, extra are JSON text
    extra        VARCHAR NOT NULL,       -- JSON object
    step_count   INTEGER NOT NULL,
    call_count   INTEGER NOT NULL
);

-- Where each trajectory stands in each dataset: the raw record it came from.
CREATE TABLE membership (
    dataset_no   INTEGER NOT NULL,
    import_no    INTEGER NOT NULL,
    trajectory_no BIGINT NOT NULL,
    source_id    VARCHAR NOT NULL,
    file         VARCHAR NOT NULL,
    line         BIGINT NOT NULL,
    record_key   VARCHAR NOT NULL
);

CREATE TABLE reject (
    dataset_no   INTEGER NOT NULL,
    import_no    INTEGER NOT NULL,
    file         VARCHAR NOT NULL,
    line         BIGINT NOT NULL,
    record_key   VARCHAR NOT NULL,
    part         VARCHAR NOT NULL,
    reason       VARCHAR NOT NULL,
    raw          BLOB NOT NULL
);

-- The flat view of every call, for search and statistics.
CREATE TABLE tool_call (
    version_no   BIGINT NOT NULL,
    step         INTEGER NOT NULL,
    call         INTEGER NOT NULL,
    name         VARCHAR NOT NULL,
    tool_no      INTEGER NOT NULL,       -- -1: the name is not offered
    arguments    VARCHAR NOT NULL        -- JSON object
);

INSERT INTO schema_migration VALUES (1, '0001_trajectories', 'e8fec5c4c95f6fb8ffea6b9448723e0e87935eba08e328b1259114a7d4dae1c1', '2026-01-01');

INSERT INTO dataset VALUES (1, 'weather', 'weather.jsonl', 'unified_1', 1, 'the keys of format 1.0', 'CC0', '2026-01-01');
INSERT INTO import_event VALUES (1, 1, '2026-01-01', 2, 2, 1, 1, 0, 1, 1);
INSERT INTO import_file VALUES (1, 'weather.jsonl', 420, 'aa');
INSERT INTO tool VALUES (1, 'fedcba9876543210fedcba9876543210', 'get_weather',
    '{"name":"get_weather","description":"","parameters":{"city":{"type":"string"}},"extra":{}}');
INSERT INTO trajectory VALUES (
    1, 1, 0, '0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef', 1,
    'What is the weather in Bergen?', '', '', '[]', [1], true,
    [{'thought': '', 'tool_calls': [{'name': 'get_weather', 'arguments': '{"city":"Bergen","days":2}',
      'call_id': '', 'unreadable': ''}], 'observations': [{'content': '"rain"', 'call_id': '', 'name': ''}],
      'user_input': '', 'step_id': '1', 'extra': '{}'}],
    '{}', 1, 1
);
INSERT INTO membership VALUES (1, 1, 1, 'w1', 'weather.jsonl', 1, '');
INSERT INTO reject VALUES (1, 1, 'weather.jsonl', 2, '', '', 'not JSON', '{"a":'::BLOB);
INSERT INTO tool_call VALUES (1, 0, 0, 'get_weather', 1, '{"city":"Bergen","days":2}');

-- What the checks said, what was mended, and which version of a trajectory counts today.

-- A set of check versions that was run together; which one covered what stands in `checked`.
CREATE TABLE check_set (
    check_set_no INTEGER NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL
);

CREATE TABLE checked (
    check_set_no INTEGER NOT NULL,
    version_no   BIGINT NOT NULL
);

-- "Not checked" with its reason: the source states no tools, or the check itself failed.
CREATE TABLE not_checked (
    version_no   BIGINT NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL,
    reason       VARCHAR NOT NULL
);

CREATE TABLE finding (
    finding_no   BIGINT NOT NULL,
    version_no   BIGINT NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL,
    level        VARCHAR NOT NULL,
    code         VARCHAR NOT NULL,       -- SpecTool
    step         INTEGER NOT NULL,       -- -1: the trajectory as a whole
    call         INTEGER NOT NULL,
    tool         VARCHAR NOT NULL,
    pointer      VARCHAR NOT NULL,
    message      VARCHAR NOT NULL,
    evidence     VARCHAR NOT NULL,       -- JSON object
    fix          VARCHAR NOT NULL,       -- JSON of domain.finding.Fix, '' when there is none
    no_fix_reason VARCHAR NOT NULL,
    family       VARCHAR NOT NULL        -- same check + tool + pointer + kind of repair
);

-- Findings about a tool itself, whichever trajectories offer it.
CREATE TABLE tool_checked (
    tool_no      INTEGER NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL
);

CREATE TABLE tool_finding (
    tool_no      INTEGER NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL,
    level        VARCHAR NOT NULL,
    code         VARCHAR NOT NULL,
    pointer      VARCHAR NOT NULL,
    message      VARCHAR NOT NULL,
    evidence     VARCHAR NOT NULL,
    no_fix_reason VARCHAR NOT NULL
);

-- A change of many trajectories is one act: applied once, undone once.
CREATE TABLE fix_act (
    act_no       BIGINT NOT NULL,
    kind         VARCHAR NOT NULL,       -- one, family, undo
    undoes       BIGINT NOT NULL,        -- act_no of the act taken back, 0 otherwise
    family       VARCHAR NOT NULL,
    summary      VARCHAR NOT NULL,
    actor        VARCHAR NOT NULL,
    acted_at     TIMESTAMP NOT NULL
);

-- Which version counts: the row with the highest act_no of a trajectory wins.
CREATE TABLE head_change (
    act_no       BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    from_version_no BIGINT NOT NULL,
    to_version_no BIGINT NOT NULL,
    edits        VARCHAR NOT NULL,       -- JSON of the edits, '' for an undo
    cleared      VARCHAR NOT NULL,       -- JSON: findings the new version no longer has
    introduced   VARCHAR NOT NULL        -- JSON: findings only the new version has
);

-- Versions that do not count today: few beside the bulk, so a filter on them costs little.
CREATE VIEW head AS
SELECT trajectory_no, arg_max(to_version_no, act_no) AS version_no FROM head_change GROUP BY trajectory_no;

CREATE VIEW superseded AS
SELECT t.version_no
FROM trajectory AS t JOIN head AS h ON t.trajectory_no = h.trajectory_no
WHERE t.version_no <> h.version_no;

CREATE VIEW current_trajectory AS
SELECT * FROM trajectory WHERE version_no NOT IN (SELECT version_no FROM superseded);

INSERT INTO schema_migration VALUES (2, '0002_findings', '13f7c22f308c0205a2e53949c4495bd62812c32de667f8d77ce4de8989054ce0', '2026-01-01');

INSERT INTO check_set VALUES (1, 'undefined_argument', 1), (1, 'missing_argument', 1);
INSERT INTO checked VALUES (1, 1), (1, 2);
INSERT INTO not_checked VALUES (1, 'missing_argument', 1, 'The check failed.');
INSERT INTO finding VALUES (1, 1, 'undefined_argument', 1, 'fix', 'IAN', 0, 0, 'get_weather', '/days',
    'No argument days.', '{}', '{"summary":"Take it out.","edits":[]}', '', 'family');
INSERT INTO tool_checked VALUES (1, 'illegal_tool_name', 1);
INSERT INTO tool_finding VALUES (1, 'illegal_tool_name', 1, 'warn', 'other', '', 'Odd.', '{}', '');
INSERT INTO trajectory SELECT * REPLACE (2 AS version_no, 1 AS version, 'bb' AS content_id) FROM trajectory;
INSERT INTO fix_act VALUES (1, 'one', 0, 'family', 'Take it out.', 'someone', '2026-01-01');
INSERT INTO head_change VALUES (1, 1, 1, 2, '[]', '[]', '[]');

-- What counts today: findings of current versions, by the latest version of each check that was ever run.

CREATE VIEW current_check AS
SELECT check_name, max(check_version) AS check_version FROM check_set GROUP BY check_name;

CREATE VIEW current_finding AS
SELECT f.* FROM finding AS f
SEMI JOIN current_check AS c ON f.check_name = c.check_name AND f.check_version = c.check_version
ANTI JOIN superseded AS s ON f.version_no = s.version_no;

CREATE VIEW current_tool_finding AS
SELECT f.* FROM tool_finding AS f
SEMI JOIN (SELECT check_name, max(check_version) AS check_version FROM tool_checked GROUP BY check_name) AS c
    ON f.check_name = c.check_name AND f.check_version = c.check_version;

INSERT INTO schema_migration VALUES (3, '0003_current_findings', '44afd88eca46d6e985f56a98e54be1c5b8ddebadc0559908edadbadcc975cdb4', '2026-01-01');

-- A check about tools that failed on one: not checked, with its reason.
CREATE TABLE tool_not_checked (
    tool_no      INTEGER NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL,
    reason       VARCHAR NOT NULL
);

INSERT INTO schema_migration VALUES (4, '0004_tool_not_checked', 'cce93c5ff11634e48dd41ccb6b69e35888f71bcbfbf6e05f21d4d5f68f6b09a5', '2026-01-01');

INSERT INTO tool_not_checked VALUES (1, 'illegal_tool_name', 2, 'The check failed.');

-- Finds a trajectory by its id: comparing eight bytes a row instead of 32 letters.
-- prefix is the first half of the id (32 hex digits) as a number.
CREATE TABLE trajectory_key (
    prefix       UBIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL
);

INSERT INTO trajectory_key
SELECT ('0x' || left(trajectory_id, 16))::UBIGINT, trajectory_no FROM trajectory WHERE version = 0 ORDER BY version_no;

INSERT INTO schema_migration VALUES (5, '0005_trajectory_key', '45bc3c3b4d7c6b87f0de345af4b14cbd2dbe19574bf6fd07ed5b042d39dcd1cb', '2026-01-01');

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

-- The review desk. Everything is append-only; what counts is a view.
CREATE TABLE queue (
    queue_no     INTEGER NOT NULL,
    name         VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,       -- finding, rating, pair
    plan         VARCHAR NOT NULL,       -- JSON of domain.review.QueuePlan
    created_by   VARCHAR NOT NULL,
    created_at   TIMESTAMP NOT NULL
);

CREATE TABLE queue_event (
    queue_no     INTEGER NOT NULL,
    event        VARCHAR NOT NULL,       -- paused, opened, closed
    person       VARCHAR NOT NULL,
    at_time      TIMESTAMP NOT NULL
);

CREATE TABLE review_item (
    item_no      BIGINT NOT NULL,
    queue_no     INTEGER NOT NULL,
    place        INTEGER NOT NULL,       -- in the order it is worked on
    kind         VARCHAR NOT NULL,
    version_no   BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    finding_no   BIGINT NOT NULL,        -- 0: none
    rating_no    BIGINT NOT NULL,
    pair_no      BIGINT NOT NULL,
    check_name   VARCHAR NOT NULL,       -- check or judge the item calibrates
    step         INTEGER NOT NULL,
    call         INTEGER NOT NULL,
    pointer      VARCHAR NOT NULL,
    stratum      VARCHAR NOT NULL,
    inclusion_probability DOUBLE NOT NULL,
    is_flagged   BOOLEAN NOT NULL,       -- false: drawn from what no check or judge marked
    gold         VARCHAR NOT NULL,       -- JSON of the known answer, '' when it is not a gold item
    repeats      BIGINT NOT NULL,        -- item_no this shows a second time to the same person, 0 when none
    is_removed   BOOLEAN NOT NULL
);

CREATE TABLE lease_event (
    item_no      BIGINT NOT NULL,
    queue_no     INTEGER NOT NULL,
    person       VARCHAR NOT NULL,
    lease        VARCHAR NOT NULL,
    event        VARCHAR NOT NULL,       -- taken, released, skipped
    at_time      TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL
);

CREATE TABLE verdict (
    verdict_no   BIGINT NOT NULL,
    entry_id     VARCHAR NOT NULL,
    item_no      BIGINT NOT NULL,
    queue_no     INTEGER NOT NULL,
    person       VARCHAR NOT NULL,
    lease        VARCHAR NOT NULL,
    flag         VARCHAR NOT NULL,
    disposition  VARCHAR NOT NULL,
    rating       INTEGER,
    preference   VARCHAR NOT NULL,
    reason       VARCHAR NOT NULL,
    evidence     VARCHAR NOT NULL,       -- JSON object
    note         VARCHAR NOT NULL,
    act_no       BIGINT NOT NULL,
    seconds      DOUBLE NOT NULL,
    is_withdrawn BOOLEAN NOT NULL,       -- this row takes the person's verdict on the item back
    decided_at   TIMESTAMP NOT NULL
);

CREATE VIEW current_verdict AS
SELECT * EXCLUDE (newest) FROM (
    SELECT v.*, row_number() OVER (PARTITION BY item_no, person ORDER BY verdict_no DESC) AS newest
    FROM verdict AS v
) WHERE newest = 1 AND NOT is_withdrawn;

CREATE TABLE review_comment (
    comment_no   BIGINT NOT NULL,
    item_no      BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    person       VARCHAR NOT NULL,
    words        VARCHAR NOT NULL,
    written_at   TIMESTAMP NOT NULL
);

-- The last word on an item whose reviewers disagree.
CREATE TABLE adjudication (
    adjudication_no BIGINT NOT NULL,
    item_no      BIGINT NOT NULL,
    queue_no     INTEGER NOT NULL,
    person       VARCHAR NOT NULL,
    flag         VARCHAR NOT NULL,
    disposition  VARCHAR NOT NULL,
    rating       INTEGER,
    preference   VARCHAR NOT NULL,
    cause        VARCHAR NOT NULL,       -- guideline unclear, slip, tool description unclear, judge wrong, check wrong, ...
    note         VARCHAR NOT NULL,
    is_withdrawn BOOLEAN NOT NULL,
    decided_at   TIMESTAMP NOT NULL
);

-- What an adjudicated item teaches: a gold item, an example for a judge, a regression case of a rule.
CREATE TABLE lesson (
    lesson_no    BIGINT NOT NULL,
    kind         VARCHAR NOT NULL,       -- gold, judge_example, rule_case
    item_no      BIGINT NOT NULL,
    check_name   VARCHAR NOT NULL,
    content      VARCHAR NOT NULL,       -- JSON: the sample as it was and the right answer
    person       VARCHAR NOT NULL,
    is_withdrawn BOOLEAN NOT NULL,
    taught_at    TIMESTAMP NOT NULL
);

-- What an item's answer is: the last word of an adjudication, else what its reviewers agree on once all
-- of them have answered ('' and NULL where they do not). Gold items and repeats decide nothing.
CREATE VIEW item_decision AS
WITH last_word AS (
    SELECT * FROM (
        SELECT a.*, row_number() OVER (PARTITION BY item_no ORDER BY adjudication_no DESC) AS newest
        FROM adjudication AS a
    ) WHERE newest = 1 AND NOT is_withdrawn
),
wanted AS (
    SELECT queue_no, (plan::JSON ->> 'overlap')::INTEGER AS overlap FROM queue
),
agreed AS (
    SELECT v.item_no,
        CASE WHEN min(v.flag) = max(v.flag) THEN min(v.flag) ELSE '' END AS flag,
        CASE WHEN min(v.disposition) = max(v.disposition) THEN min(v.disposition) ELSE '' END AS disposition,
        CASE WHEN max(v.rating) - min(v.rating) <= 1 THEN quantile_disc(v.rating, 0.5) END AS rating,
        CASE WHEN min(v.preference) = max(v.preference) THEN min(v.preference) ELSE '' END AS preference,
        max(v.decided_at) AS decided_at
    FROM current_verdict AS v JOIN wanted AS w ON v.queue_no = w.queue_no
    GROUP BY v.item_no HAVING count(*) >= any_value(w.overlap)
)
SELECT i.item_no, i.queue_no, i.kind, i.version_no, i.trajectory_no, i.finding_no, i.rating_no, i.pair_no,
    i.check_name, coalesce(l.flag, a.flag) AS flag, coalesce(l.disposition, a.disposition) AS disposition,
    CASE WHEN l.item_no IS NULL THEN a.rating ELSE l.rating END AS rating,
    coalesce(l.preference, a.preference) AS preference,
    CASE WHEN l.item_no IS NULL THEN 'agreement' ELSE 'adjudication' END AS decided_by,
    coalesce(l.decided_at, a.decided_at) AS decided_at
FROM review_item AS i
LEFT JOIN last_word AS l ON i.item_no = l.item_no
LEFT JOIN agreed AS a ON i.item_no = a.item_no
WHERE (l.item_no IS NOT NULL OR a.item_no IS NOT NULL)
    AND i.gold = '' AND i.repeats = 0 AND NOT i.is_removed;

-- What was decided about a version of a trajectory; several items may speak of it: drop beats fix beats keep.
CREATE VIEW version_disposition AS
SELECT version_no, any_value(trajectory_no) AS trajectory_no,
    CASE WHEN bool_or(disposition = 'drop') THEN 'drop' WHEN bool_or(disposition = 'fix') THEN 'fix'
        ELSE 'keep' END AS disposition
FROM item_decision WHERE kind <> 'pair' AND disposition <> '' GROUP BY version_no;

-- What counts for a trajectory today. A decision about its current version counts; else a drop of another
-- version stays until it is decided anew, and a wish for a fix that an earlier version had is 'fixed' by
-- the change. A keep is about the version that was seen, and about no other.
CREATE VIEW current_disposition AS
WITH standing AS (
    SELECT d.*, coalesce(h.version_no, d.trajectory_no) AS head_no
    FROM version_disposition AS d LEFT JOIN head AS h ON d.trajectory_no = h.trajectory_no
)
SELECT trajectory_no, any_value(head_no) AS version_no,
    coalesce(
        max(disposition) FILTER (version_no = head_no),
        CASE WHEN bool_or(disposition = 'drop') THEN 'drop'
            WHEN bool_or(disposition = 'fix' AND version_no < head_no) THEN 'fixed' END
    ) AS state
FROM standing GROUP BY trajectory_no
HAVING state IS NOT NULL;

INSERT INTO schema_migration VALUES (10, '0010_review', 'd91f3dd9e5b4265c7ee23caea61e3e4c1506945ae6a4ef8bc0c3163e3e11889f', '2026-01-01');

INSERT INTO queue VALUES (1, 'some', 'finding', '{"name":"q","kind":"finding","overlap":1}', 'some', '2026-01-01');
INSERT INTO queue_event VALUES (1, 'opened', 'ann', '2026-01-01');
INSERT INTO review_item VALUES (1, 1, 1, 'finding', 1, 1, 1, 1, 1, 'some', 1, 1, 'some', 'some', 1.0, false, '', 0, false);
INSERT INTO lease_event VALUES (1, 1, 'ann', 'some', 'opened', '2026-01-01', '2026-01-01');
INSERT INTO verdict VALUES (1, 'some', 1, 1, 'ann', 'some', 'agree', 'keep', 1, '', 'some', '{}', 'some', 1, 1.0, false, '2026-01-01');
INSERT INTO review_comment VALUES (1, 1, 1, 'ann', 'some', '2026-01-01');
INSERT INTO adjudication VALUES (1, 1, 1, 'ann', 'agree', 'keep', 1, '', 'some', 'some', false, '2026-01-01');
INSERT INTO lesson VALUES (1, 'finding', 1, 'some', '{}', 'ann', false, '2026-01-01');

-- Roles, and the log of what was done. Both append-only: the last row of a person counts.
CREATE TABLE person_role (
    role_no      BIGINT NOT NULL,
    person       VARCHAR NOT NULL,
    role         VARCHAR NOT NULL,       -- annotator, researcher, admin; '' takes the person out
    given_by     VARCHAR NOT NULL,
    given_at     TIMESTAMP NOT NULL
);

CREATE TABLE audit (
    audit_no     BIGINT NOT NULL,
    at_time      TIMESTAMP NOT NULL,
    person       VARCHAR NOT NULL,
    role         VARCHAR NOT NULL,       -- the one the person had then
    action       VARCHAR NOT NULL,
    subject      VARCHAR NOT NULL,
    detail       VARCHAR NOT NULL        -- JSON object, never the data itself
);

INSERT INTO schema_migration VALUES (11, '0011_people', 'c1d1d99e7718b3b9c740ba14c6e363c44e9b21cc20db0cc068d8f4bf71c6961c', '2026-01-01');

INSERT INTO person_role VALUES (1, 'ann', 'annotator', 'some', '2026-01-01');
INSERT INTO audit VALUES (1, '2026-01-01', 'ann', 'annotator', 'review', 'argument', '{}');

-- What searches for near-duplicate queries found, and what people decided about it.

CREATE TABLE near_search (
    search_no    INTEGER NOT NULL,
    run_id       VARCHAR NOT NULL,
    settings     VARCHAR NOT NULL,       -- JSON of domain.near_duplicate.SearchSettings
    model        VARCHAR NOT NULL,       -- name or path as given
    model_sha256 VARCHAR NOT NULL,       -- of the weights; '' for a model that was not hashed
    row_count    BIGINT NOT NULL,        -- trajectories compared
    text_count   BIGINT NOT NULL,        -- different texts among them
    new_text_count BIGINT NOT NULL,      -- of these: embedded by this search
    no_text_count BIGINT NOT NULL,       -- left out: nothing was asked
    cut_count    BIGINT NOT NULL,        -- texts longer than what the model reads
    person       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

-- One row per trajectory compared. Rows of one unit say the same thing and make the same calls.
-- Units are numbered by what they say, so the order of the input does not matter.
CREATE TABLE near_row (
    search_no    INTEGER NOT NULL,
    trajectory_no BIGINT NOT NULL,
    version_no   BIGINT NOT NULL,
    unit_no      INTEGER NOT NULL,
    dataset_no   INTEGER NOT NULL,
    is_protected BOOLEAN NOT NULL,       -- of an evaluation set: compared, never dropped
    is_same_text BOOLEAN NOT NULL,       -- letter by letter the text of the unit's first row
    finding_count INTEGER NOT NULL,
    rating       DOUBLE,                 -- 0..1, mean of what judges gave; NULL: not rated
    step_count   INTEGER NOT NULL,
    keep_order   BIGINT NOT NULL,        -- the place in the order of who is kept first
    x            FLOAT NOT NULL,
    y            FLOAT NOT NULL
);

-- A spanning forest of the pairs of units that make the same calls: at any threshold its links of at
-- least that similarity join exactly the units that all such pairs would join.
CREATE TABLE near_link (
    search_no    INTEGER NOT NULL,
    left_unit    INTEGER NOT NULL,
    right_unit   INTEGER NOT NULL,
    similarity   FLOAT NOT NULL
);

-- Pairs to look at: the nearest of each agreement for every unit.
CREATE TABLE near_pair (
    near_pair_no BIGINT NOT NULL,
    search_no    INTEGER NOT NULL,
    left_no      BIGINT NOT NULL,        -- trajectory_no
    right_no     BIGINT NOT NULL,
    left_version_no BIGINT NOT NULL,
    right_version_no BIGINT NOT NULL,
    similarity   FLOAT NOT NULL,
    agreement    VARCHAR NOT NULL,       -- same calls, same tools, other tools
    is_cut       BOOLEAN NOT NULL        -- a text is longer than what the model read
);

-- All pairs of units counted, in bands of a hundredth of similarity.
CREATE TABLE near_band (
    search_no    INTEGER NOT NULL,
    agreement    VARCHAR NOT NULL,
    is_cut       BOOLEAN NOT NULL,
    band         INTEGER NOT NULL,       -- 93: from 0.93 up to 0.94
    pair_count   BIGINT NOT NULL
);

-- What people decided, act by act; nothing is ever changed. `undoes` names the act that a row takes back.
CREATE TABLE near_decision (
    decision_no  BIGINT NOT NULL,
    search_no    INTEGER NOT NULL,
    choice       VARCHAR NOT NULL,       -- keep one, keep both, keep all, undo
    threshold    DOUBLE NOT NULL,
    cluster_count INTEGER NOT NULL,
    undoes       BIGINT NOT NULL,        -- 0: takes nothing back
    person       VARCHAR NOT NULL,
    decided_at   TIMESTAMP NOT NULL
);

CREATE TABLE near_decision_row (
    decision_no  BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    version_no   BIGINT NOT NULL,
    kept_no      BIGINT NOT NULL,        -- the trajectory that stays for it; itself when it is kept
    disposition  VARCHAR NOT NULL        -- keep, drop
);

-- The last act about a trajectory that was not taken back.
CREATE VIEW current_near_decision AS
SELECT * EXCLUDE (newest) FROM (
    SELECT r.*, d.search_no, d.choice, d.person, d.decided_at,
        row_number() OVER (PARTITION BY r.trajectory_no ORDER BY r.decision_no DESC) AS newest
    FROM near_decision_row AS r JOIN near_decision AS d ON r.decision_no = d.decision_no
    WHERE d.undoes = 0 AND d.decision_no NOT IN (SELECT undoes FROM near_decision)
) WHERE newest = 1;

-- A near-duplicate that goes is dropped like what review drops. One that stays is not thereby decided on:
-- it was looked at beside its like, not for what it is.
CREATE OR REPLACE VIEW version_disposition AS
WITH said AS (
    SELECT version_no, trajectory_no, disposition FROM item_decision
    WHERE kind <> 'pair' AND disposition <> ''
    UNION ALL
    SELECT version_no, trajectory_no, disposition FROM current_near_decision WHERE disposition = 'drop'
)
SELECT version_no, any_value(trajectory_no) AS trajectory_no,
    CASE WHEN bool_or(disposition = 'drop') THEN 'drop' WHEN bool_or(disposition = 'fix') THEN 'fix'
        ELSE 'keep' END AS disposition
FROM said GROUP BY version_no;

INSERT INTO schema_migration VALUES (12, '0012_near_duplicates', '1164e74722a2b57eb3589085af567150e6fd25bbe235b1b30637bdd810f0446a', '2026-01-01');

INSERT INTO near_search VALUES (1, 'some', '{}', 'some', 'some', 1, 1, 1, 1, 1, 'ann', '2026-01-01');
INSERT INTO near_row VALUES (1, 1, 1, 1, 1, false, false, 1, 1.0, 1, 1, 1.0, 1.0);
INSERT INTO near_link VALUES (1, 1, 1, 1.0);
INSERT INTO near_pair VALUES (1, 1, 1, 1, 1, 1, 1.0, 'some', false);
INSERT INTO near_band VALUES (1, 'some', false, 1, 1);
INSERT INTO near_decision VALUES (1, 1, 'some', 1.0, 1, 1, 'ann', '2026-01-01');
INSERT INTO near_decision_row VALUES (1, 1, 1, 1, 'some');

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

-- Choosing among general-instruction data, and keeping evaluation sets out of training.
-- Everything here is added to and never changed: the row with the highest number counts.

-- Checks whose findings come from runs and from what people say about sources, not from the rules that look at
-- one trajectory: they count like any other, but no trajectory waits for them.
CREATE TABLE run_check (
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL
);

CREATE OR REPLACE VIEW current_check AS
SELECT check_name, max(check_version) AS check_version FROM (
    SELECT check_name, check_version FROM check_set UNION ALL SELECT check_name, check_version FROM run_check
) GROUP BY check_name;

-- What people say about a licence beside the table in domain/licence.py.
CREATE TABLE licence_term (
    change_no    BIGINT NOT NULL,
    licence      VARCHAR NOT NULL,       -- normalised key, as domain/licence.py writes it
    commercial   VARCHAR NOT NULL,       -- yes, no, unknown
    note         VARCHAR NOT NULL,
    actor        VARCHAR NOT NULL,
    changed_at   TIMESTAMP NOT NULL
);

-- The licence of a dataset, or (trajectory_no > 0) of one record, as a person corrected it.
CREATE TABLE licence_change (
    change_no    BIGINT NOT NULL,
    dataset_no   INTEGER NOT NULL,       -- 0: one record
    trajectory_no BIGINT NOT NULL,       -- 0: a dataset
    licence      VARCHAR NOT NULL,       -- as written by the person
    actor        VARCHAR NOT NULL,
    changed_at   TIMESTAMP NOT NULL
);

CREATE VIEW dataset_licence AS
SELECT d.dataset_no, d.name, coalesce(c.licence, d.licence) AS licence, c.licence IS NOT NULL AS is_corrected
FROM dataset AS d LEFT JOIN (
    SELECT dataset_no, arg_max(licence, change_no) AS licence FROM licence_change
    WHERE trajectory_no = 0 GROUP BY dataset_no
) AS c USING (dataset_no);

-- Which datasets are evaluation sets: nothing that resembles them may be trained on.
CREATE TABLE evaluation_mark (
    mark_no      BIGINT NOT NULL,
    dataset_no   INTEGER NOT NULL,
    is_evaluation BOOLEAN NOT NULL,
    actor        VARCHAR NOT NULL,
    marked_at    TIMESTAMP NOT NULL
);

CREATE VIEW evaluation_dataset AS
SELECT dataset_no FROM evaluation_mark GROUP BY dataset_no HAVING arg_max(is_evaluation, mark_no);

-- One row for each evaluation set and method of a finished search.
CREATE TABLE contamination_search (
    search_no    BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL,
    dataset_no   INTEGER NOT NULL,       -- the evaluation set
    method       VARCHAR NOT NULL,       -- n-gram, embedding
    settings     VARCHAR NOT NULL,       -- JSON object
    trajectory_count BIGINT NOT NULL,    -- of training
    evaluation_count BIGINT NOT NULL,
    highest_version_no BIGINT NOT NULL,  -- what came into the store later was not looked at
    actor        VARCHAR NOT NULL,
    searched_at  TIMESTAMP NOT NULL
);

CREATE TABLE contamination_match (
    search_no    BIGINT NOT NULL,
    dataset_no   INTEGER NOT NULL,       -- the evaluation set
    method       VARCHAR NOT NULL,
    trajectory_no BIGINT NOT NULL,       -- of training
    evaluation_trajectory_no BIGINT NOT NULL,
    score        DOUBLE NOT NULL,        -- n-gram: share of the evaluation query's words; embedding: cosine
    shared       VARCHAR NOT NULL        -- the longest stretch of words both have; '' for embeddings
);

CREATE TABLE contamination_undo (
    search_no    BIGINT NOT NULL,
    actor        VARCHAR NOT NULL,
    undone_at    TIMESTAMP NOT NULL
);

-- The search that counts for an evaluation set and a method: the newest that was not undone.
CREATE VIEW current_contamination_search AS
SELECT s.* FROM contamination_search AS s SEMI JOIN (
    SELECT max(search_no) AS search_no FROM contamination_search
    ANTI JOIN contamination_undo USING (search_no)
    SEMI JOIN evaluation_dataset USING (dataset_no)
    GROUP BY dataset_no, method
) AS newest USING (search_no);

CREATE VIEW current_contamination AS
SELECT m.* FROM contamination_match AS m SEMI JOIN current_contamination_search AS s USING (search_no);

-- Categories: each run makes a scheme of its own, the newest counts.
CREATE TABLE category_scheme (
    scheme_no    BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL,
    model        VARCHAR NOT NULL,
    settings     VARCHAR NOT NULL,       -- JSON object
    trajectory_count BIGINT NOT NULL,
    actor        VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

CREATE TABLE category (
    scheme_no    BIGINT NOT NULL,
    category_no  INTEGER NOT NULL,       -- from 1, within its scheme
    name         VARCHAR NOT NULL,       -- made of its words
    words        VARCHAR[] NOT NULL
);

CREATE TABLE category_member (
    scheme_no    BIGINT NOT NULL,
    trajectory_no BIGINT NOT NULL,
    category_no  INTEGER NOT NULL,
    similarity   DOUBLE NOT NULL         -- cosine to the middle of the category
);

-- What people changed: a name, or into which category one was merged (into_no its own: taken back).
CREATE TABLE category_change (
    change_no    BIGINT NOT NULL,
    scheme_no    BIGINT NOT NULL,
    category_no  INTEGER NOT NULL,
    kind         VARCHAR NOT NULL,       -- rename, merge
    name         VARCHAR NOT NULL,
    into_no      INTEGER NOT NULL,
    actor        VARCHAR NOT NULL,
    changed_at   TIMESTAMP NOT NULL
);

CREATE VIEW current_scheme AS SELECT max(scheme_no) AS scheme_no FROM category_scheme;

CREATE VIEW current_category AS
SELECT c.category_no, coalesce(r.name, c.name) AS name, c.words, coalesce(m.into_no, c.category_no) AS into_no
FROM category AS c SEMI JOIN current_scheme AS s ON c.scheme_no = s.scheme_no
LEFT JOIN (
    SELECT category_no, arg_max(name, change_no) AS name FROM category_change
    SEMI JOIN current_scheme USING (scheme_no) WHERE kind = 'rename' GROUP BY category_no
) AS r ON c.category_no = r.category_no
LEFT JOIN (
    SELECT category_no, arg_max(into_no, change_no) AS into_no FROM category_change
    SEMI JOIN current_scheme USING (scheme_no) WHERE kind = 'merge' GROUP BY category_no
) AS m ON c.category_no = m.category_no;

-- The category of each trajectory that has one today.
CREATE VIEW trajectory_category AS
SELECT m.trajectory_no, shown.category_no, shown.name AS category, m.similarity
FROM category_member AS m SEMI JOIN current_scheme AS s ON m.scheme_no = s.scheme_no
JOIN current_category AS own ON m.category_no = own.category_no
JOIN current_category AS shown ON own.into_no = shown.category_no;

INSERT INTO schema_migration VALUES (15, '0015_curation', 'a74b2046e334b1f5f2f3e4ebfd4d635af963c91d35311ed15d933595a8f9fc5e', '2026-01-01');

INSERT INTO run_check VALUES ('some', 1);
INSERT INTO licence_term VALUES (1, 'some', 'some', 'some', 'ann', '2026-01-01');
INSERT INTO licence_change VALUES (1, 1, 1, 'some', 'ann', '2026-01-01');
INSERT INTO evaluation_mark VALUES (1, 1, false, 'ann', '2026-01-01');
INSERT INTO contamination_search VALUES (1, 'some', 1, 'some', '{}', 1, 1, 1, 'ann', '2026-01-01');
INSERT INTO contamination_match VALUES (1, 1, 'some', 1, 1, 1.0, 'some');
INSERT INTO contamination_undo VALUES (1, 'ann', '2026-01-01');
INSERT INTO category_scheme VALUES (1, 'some', 'some', '{}', 1, 'ann', '2026-01-01');
INSERT INTO category VALUES (1, 1, 'some', ['some']);
INSERT INTO category_member VALUES (1, 1, 1, 1.0);
INSERT INTO category_change VALUES (1, 1, 1, 'some', 'some', 1, 'ann', '2026-01-01');

-- Pairs whose rejected side is the chosen one with a planted error: which error, where, and what shows it.
-- The sides themselves stand in `pair`, with the origin "corruption".
CREATE TABLE corruption (
    pair_no      BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL,       -- the run that planted it; all of a run are taken back together
    version_no   BIGINT NOT NULL,
    kind         VARCHAR NOT NULL,       -- domain.corruption.CorruptionKind
    call         INTEGER NOT NULL,       -- the call of the chosen side that was changed
    pointer      VARCHAR NOT NULL,       -- the argument that was changed, '' for the call as a whole
    words        VARCHAR NOT NULL,       -- what was done, in plain words
    flagged_by   VARCHAR NOT NULL,       -- the check that flags the rejected side, '' where the calls alone show it
    finding_count INTEGER NOT NULL,      -- how many findings of level reject or fix the rejected side has
    seed         BIGINT NOT NULL
);

INSERT INTO schema_migration VALUES (16, '0016_preference', '27ac62d320ec6105d9c1a72f083c52dd426f18c49344c38fc1857154c83a1d38', '2026-01-01');

INSERT INTO corruption VALUES (1, 'some', 1, 'some', 1, 'some', 'some', 'some', 1, 1);

-- What still holds after something went: numbers are never given twice, and a near-duplicate goes only as long
-- as there is one that stays for it.

-- The highest number of each kind at the time something was removed. Other rows may still name what went.
CREATE TABLE removed_number (
    kind         VARCHAR NOT NULL,       -- as in store/numbers.py
    highest      BIGINT NOT NULL
);

-- Trajectories that people dropped for what they are; the same rule as in current_disposition.
CREATE VIEW dropped_by_review AS
SELECT i.trajectory_no FROM item_decision AS i LEFT JOIN head AS h ON i.trajectory_no = h.trajectory_no
WHERE i.kind <> 'pair' AND i.disposition <> '' GROUP BY i.trajectory_no
HAVING bool_or(i.disposition = 'drop' AND i.version_no = coalesce(h.version_no, i.trajectory_no))
    OR (bool_or(i.disposition = 'drop')
        AND NOT bool_or(i.version_no = coalesce(h.version_no, i.trajectory_no)));

-- The last act about a trajectory that was not taken back. One that was to go for another is open again when
-- that other one was dropped itself.
CREATE OR REPLACE VIEW current_near_decision AS
SELECT * EXCLUDE (newest) FROM (
    SELECT r.*, d.search_no, d.choice, d.person, d.decided_at,
        row_number() OVER (PARTITION BY r.trajectory_no ORDER BY r.decision_no DESC) AS newest
    FROM near_decision_row AS r JOIN near_decision AS d ON r.decision_no = d.decision_no
    WHERE d.undoes = 0 AND d.decision_no NOT IN (SELECT undoes FROM near_decision)
) WHERE newest = 1
    AND (disposition <> 'drop' OR kept_no NOT IN (SELECT trajectory_no FROM dropped_by_review));

-- A search for contamination in one dataset only (`dataset` in its settings) says nothing about the others: what
-- was found there by the search in everything still counts beside it.

CREATE OR REPLACE VIEW current_contamination_search AS
WITH newest AS (
    SELECT dataset_no, method, coalesce(settings ->> '$.dataset', '') AS scope, max(search_no) AS search_no
    FROM contamination_search ANTI JOIN contamination_undo USING (search_no)
    SEMI JOIN evaluation_dataset USING (dataset_no) GROUP BY ALL
)
SELECT s.* FROM contamination_search AS s SEMI JOIN (
    SELECT n.search_no FROM newest AS n
    LEFT JOIN newest AS w ON n.dataset_no = w.dataset_no AND n.method = w.method AND w.scope = ''
    WHERE n.search_no >= coalesce(w.search_no, 0)
) AS chosen USING (search_no);

CREATE OR REPLACE VIEW current_contamination AS
SELECT m.* FROM contamination_match AS m SEMI JOIN current_contamination_search AS s USING (search_no)
QUALIFY rank() OVER (PARTITION BY m.dataset_no, m.method, m.trajectory_no ORDER BY m.search_no DESC) = 1;

INSERT INTO schema_migration VALUES (17, '0017_what_stays', '0f7d026e9d14a85f60d347d4170e0fdd5557e00c0ad6c8dc40ac45f004eca5a0', '2026-01-01');

INSERT INTO removed_number VALUES ('version', 1);

-- The other side of a review item of kind "duplicate"; the item itself names the first one. What a search
-- said of the two is kept here, so that an answer can still be weighed when there is a newer search.
CREATE TABLE duplicate_item (
    item_no      BIGINT NOT NULL,
    search_no    INTEGER NOT NULL,
    near_pair_no BIGINT NOT NULL,
    other_no     BIGINT NOT NULL,        -- trajectory_no
    other_version_no BIGINT NOT NULL,
    similarity   FLOAT NOT NULL
);

INSERT INTO schema_migration VALUES (18, '0018_duplicate_item', '5ba686324e2b4396af4d9d5d42ef77d5086f4da6a6d51ee433f072d69dff1605', '2026-01-01');

INSERT INTO duplicate_item VALUES (1, 1, 1, 1, 1, 1.0);
