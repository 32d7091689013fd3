-- What this migration added to the database of the file before, with rows in every table.

-- What still holds after something went: numbers are never given twice, and a near-duplicate goes only as long
-- as there is one that stays for it.

-- The highest number of each kind at the time something was removed. Other rows may still name what went.
CREATE TABLE removed_number (
    kind         VARCHAR NOT NULL,       -- as in store/numbers.py
    highest      BIGINT NOT NULL
);

-- Trajectories that people dropped for what they are; the same rule as in current_disposition.
CREATE VIEW dropped_by_review AS
SELECT i.trajectory_no FROM item_decision AS i LEFT JOIN head AS h ON i.trajectory_no = h.trajectory_no
WHERE i.kind <> 'pair' AND i.disposition <> '' GROUP BY i.trajectory_no
HAVING bool_or(i.disposition = 'drop' AND i.version_no = coalesce(h.version_no, i.trajectory_no))
    OR (bool_or(i.disposition = 'drop')
        AND NOT bool_or(i.version_no = coalesce(h.version_no, i.trajectory_no)));

-- The last act about a trajectory that was not taken back. One that was to go for another is open again when
-- that other one was dropped itself.
CREATE OR REPLACE VIEW current_near_decision AS
SELECT * EXCLUDE (newest) FROM (
    SELECT r.*, d.search_no, d.choice, d.person, d.decided_at,
        row_number() OVER (PARTITION BY r.trajectory_no ORDER BY r.decision_no DESC) AS newest
    FROM near_decision_row AS r JOIN near_decision AS d ON r.decision_no = d.decision_no
    WHERE d.undoes = 0 AND d.decision_no NOT IN (SELECT undoes FROM near_decision)
) WHERE newest = 1
    AND (disposition <> 'drop' OR kept_no NOT IN (SELECT trajectory_no FROM dropped_by_review));

-- A search for contamination in one dataset only (`dataset` in its settings) says nothing about the others: what
-- was found there by the search in everything still counts beside it.

CREATE OR REPLACE VIEW current_contamination_search AS
WITH newest AS (
    SELECT dataset_no, method, coalesce(settings ->> '$.dataset', '') AS scope, max(search_no) AS search_no
    FROM contamination_search ANTI JOIN contamination_undo USING (search_no)
    SEMI JOIN evaluation_dataset USING (dataset_no) GROUP BY ALL
)
SELECT s.* FROM contamination_search AS s SEMI JOIN (
    SELECT n.search_no FROM newest AS n
    LEFT JOIN newest AS w ON n.dataset_no = w.dataset_no AND n.method = w.method AND w.scope = ''
    WHERE n.search_no >= coalesce(w.search_no, 0)
) AS chosen USING (search_no);

CREATE OR REPLACE VIEW current_contamination AS
SELECT m.* FROM contamination_match AS m SEMI JOIN current_contamination_search AS s USING (search_no)
QUALIFY rank() OVER (PARTITION BY m.dataset_no, m.method, m.trajectory_no ORDER BY m.search_no DESC) = 1;

INSERT INTO schema_migration VALUES (17, '0017_what_stays', '0f7d026e9d14a85f60d347d4170e0fdd5557e00c0ad6c8dc40ac45f004eca5a0', '2026-01-01');

INSERT INTO removed_number VALUES ('version', 1);
