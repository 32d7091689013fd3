-- What this migration added to the database of the file before, with rows in every table.

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
