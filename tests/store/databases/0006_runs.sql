-- A database as migration 0006_runs left it, with rows in every table.

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
