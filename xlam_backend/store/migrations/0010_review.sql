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
