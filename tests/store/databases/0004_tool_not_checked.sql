-- What this migration added to the database of the file before, with rows in every table.

-- A check about tools that failed on one: not checked, with its reason.
CREATE TABLE tool_not_checked (
    tool_no      INTEGER NOT NULL,
    check_name   VARCHAR NOT NULL,
    check_version INTEGER NOT NULL,
    reason       VARCHAR NOT NULL
);

INSERT INTO schema_migration VALUES (4, '0004_tool_not_checked', 'cce93c5ff11634e48dd41ccb6b69e35888f71bcbfbf6e05f21d4d5f68f6b09a5', '2026-01-01');

INSERT INTO tool_not_checked VALUES (1, 'illegal_tool_name', 2, 'The check failed.');
