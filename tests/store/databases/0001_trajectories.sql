-- A database as this migration left it, with rows in every table.

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
