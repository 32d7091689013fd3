-- Studies: training runs that belong together, each followed by an evaluation. All append-only.
-- How a study stands is told by its runs; these rows say what was asked for, and which runs were started.
CREATE TABLE study (
    study_no     INTEGER NOT NULL,
    name         VARCHAR NOT NULL,
    plan         VARCHAR NOT NULL,       -- StudyPlan as JSON
    person       VARCHAR NOT NULL,       -- who launched it: its runs are started in this name
    made_at      TIMESTAMP NOT NULL
);

-- Which run does what; where there are several, the last one counts.
CREATE TABLE study_run (
    study_no     INTEGER NOT NULL,
    task         VARCHAR NOT NULL,       -- freeze, train, evaluate
    arm          VARCHAR NOT NULL,
    seed         BIGINT NOT NULL,        -- 0 for freeze: all seeds learn the same release
    run_id       VARCHAR NOT NULL,
    started_at   TIMESTAMP NOT NULL
);

-- The last event counts: a study goes on by itself after launched and taken up, and not after the others.
CREATE TABLE study_event (
    study_no     INTEGER NOT NULL,
    event        VARCHAR NOT NULL,       -- launched, stopped, taken up, ended, removed
    person       VARCHAR NOT NULL,       -- '' where it came to its end by itself
    note         VARCHAR NOT NULL,
    at_time      TIMESTAMP NOT NULL
);
