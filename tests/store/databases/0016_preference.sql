-- What this migration added to the database of the file before, with rows in every table.

-- Pairs whose rejected side is the chosen one with a planted error: which error, where, and what shows it.
-- The sides themselves stand in `pair`, with the origin "corruption".
CREATE TABLE corruption (
    pair_no      BIGINT NOT NULL,
    run_id       VARCHAR NOT NULL,       -- the run that planted it; all of a run are taken back together
    version_no   BIGINT NOT NULL,
    kind         VARCHAR NOT NULL,       -- domain.corruption.CorruptionKind
    call         INTEGER NOT NULL,       -- the call of the chosen side that was changed
    pointer      VARCHAR NOT NULL,       -- the argument that was changed, '' for the call as a whole
    words        VARCHAR NOT NULL,       -- what was done, in plain words
    flagged_by   VARCHAR NOT NULL,       -- the check that flags the rejected side, '' where the calls alone show it
    finding_count INTEGER NOT NULL,      -- how many findings of level reject or fix the rejected side has
    seed         BIGINT NOT NULL
);

INSERT INTO schema_migration VALUES (16, '0016_preference', '27ac62d320ec6105d9c1a72f083c52dd426f18c49344c38fc1857154c83a1d38', '2026-01-01');

INSERT INTO corruption VALUES (1, 'some', 1, 'some', 1, 'some', 'some', 'some', 1, 1);
