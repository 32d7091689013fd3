-- Published tables of the leaderboard that were read in: facts of others, each with source and date.
CREATE TABLE published_table (
    table_no     INTEGER NOT NULL,
    version      VARCHAR NOT NULL,       -- of the leaderboard: v1, v2, v3, v4
    part         VARCHAR NOT NULL,       -- overall, non_live, live, multi_turn, agentic
    source       VARCHAR NOT NULL,       -- who published it, and where, in words
    source_date  VARCHAR NOT NULL,       -- the day of publication, YYYY-MM-DD
    file_name    VARCHAR NOT NULL,
    file_hash    VARCHAR NOT NULL,       -- SHA-256 of the file
    row_count    INTEGER NOT NULL,
    faults       VARCHAR NOT NULL,       -- JSON list of {line, words}: what could not be read
    person       VARCHAR NOT NULL,
    read_at      TIMESTAMP NOT NULL
);

CREATE TABLE published_row (
    table_no     INTEGER NOT NULL,
    line         INTEGER NOT NULL,       -- of the file
    model        VARCHAR NOT NULL,
    link         VARCHAR NOT NULL,
    organization VARCHAR NOT NULL,
    licence      VARCHAR NOT NULL,
    scores       VARCHAR NOT NULL        -- JSON object: percent by column (bfcl/columns.py)
);

-- Removed and put back: the last one counts. The rows stay.
CREATE TABLE published_change (
    change_no    INTEGER NOT NULL,
    table_no     INTEGER NOT NULL,
    change       VARCHAR NOT NULL,       -- removed, put back
    person       VARCHAR NOT NULL,
    changed_at   TIMESTAMP NOT NULL
);

CREATE VIEW current_published_table AS
SELECT t.* FROM published_table AS t LEFT JOIN (
    SELECT table_no, arg_max(change, change_no) AS last_change FROM published_change GROUP BY table_no
) AS c ON t.table_no = c.table_no
WHERE c.last_change IS DISTINCT FROM 'removed';
