-- What this migration added to the database of the file before, with rows in every table.

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
