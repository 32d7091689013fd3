-- What this migration added to the database of the file before, with rows in every table.

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
