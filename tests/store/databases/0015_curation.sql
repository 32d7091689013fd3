-- What this migration added to the database of the file before, with rows in every table.

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
