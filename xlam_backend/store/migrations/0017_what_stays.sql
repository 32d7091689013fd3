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
