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
