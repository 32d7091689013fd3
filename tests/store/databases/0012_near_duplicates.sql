-- What this migration added to the database of the file before, with rows in every table.

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
