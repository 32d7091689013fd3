-- What this migration added to the database of the file before, with rows in every table.

-- The other side of a review item of kind "duplicate"; the item itself names the first one. What a search
-- said of the two is kept here, so that an answer can still be weighed when there is a newer search.
CREATE TABLE duplicate_item (
    item_no      BIGINT NOT NULL,
    search_no    INTEGER NOT NULL,
    near_pair_no BIGINT NOT NULL,
    other_no     BIGINT NOT NULL,        -- trajectory_no
    other_version_no BIGINT NOT NULL,
    similarity   FLOAT NOT NULL
);

INSERT INTO schema_migration VALUES (18, '0018_duplicate_item', '5ba686324e2b4396af4d9d5d42ef77d5086f4da6a6d51ee433f072d69dff1605', '2026-01-01');

INSERT INTO duplicate_item VALUES (1, 1, 1, 1, 1, 1.0);
