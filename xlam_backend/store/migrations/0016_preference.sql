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
