-- What this migration added to the database of the file before, with rows in every table.

-- Training recipes and the models that training runs leave. All append-only.
CREATE TABLE training_recipe (
    name         VARCHAR NOT NULL,
    version      INTEGER NOT NULL,       -- 1, 2, ...; the highest one counts
    text         VARCHAR NOT NULL,       -- YAML, as its author wrote it
    note         VARCHAR NOT NULL,
    person       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

-- A model itself is a folder in models/; these rows say how it came about.
CREATE TABLE model (
    model_no     BIGINT NOT NULL,
    name         VARCHAR NOT NULL,       -- the name of its folder; never given to another model
    run_id       VARCHAR NOT NULL,       -- the run that made it: a training run, or one that merged an adapter
    method       VARCHAR NOT NULL,       -- sft, dpo, merge
    tuning       VARCHAR NOT NULL,       -- full, lora, qlora
    base_model   VARCHAR NOT NULL,       -- a name on the hub, a folder, or 'tiny'
    parent       VARCHAR NOT NULL,       -- the kept model its weights began with, '' when none
    release_id   VARCHAR NOT NULL,       -- what it learnt, '' for pairs
    data_hash    VARCHAR NOT NULL,       -- hash of the run's input
    recipe       VARCHAR NOT NULL,
    recipe_version INTEGER NOT NULL,
    parameter_count BIGINT NOT NULL,
    trained_count BIGINT NOT NULL,       -- how many of them were trained
    byte_count   BIGINT NOT NULL,
    step_count   BIGINT NOT NULL,
    example_count BIGINT NOT NULL,       -- how many different examples it learnt
    loss         DOUBLE,                 -- of the last step that was told
    eval_loss    DOUBLE,                 -- on held-out rows, NULL when there were none
    is_scripted  BOOLEAN NOT NULL,       -- whether it learnt what the scripted model wrote
    plan         VARCHAR NOT NULL,       -- TrainingPlan as JSON
    person       VARCHAR NOT NULL,
    made_at      TIMESTAMP NOT NULL
);

-- What became of a model afterwards.
CREATE TABLE model_event (
    name         VARCHAR NOT NULL,
    event        VARCHAR NOT NULL,       -- deleted, restored
    person       VARCHAR NOT NULL,
    note         VARCHAR NOT NULL,
    at_time      TIMESTAMP NOT NULL
);

INSERT INTO schema_migration VALUES (19, '0019_training', '69a0f5f33889f3cddb469ed632645691bdc46d98ae175baaef4a3381b57eef05', '2026-01-01');

INSERT INTO training_recipe VALUES ('some', 1, 'some', 'some', 'ann', '2026-01-01');
INSERT INTO model VALUES (1, 'some', 'some', 'sft', 'full', 'tiny', '', 'some', 'some', 'some', 1, 10, 10, 100, 5, 3, 0.5, NULL, false, '{}', 'ann', '2026-01-01');
INSERT INTO model_event VALUES ('some', 'deleted', 'ann', 'some', '2026-01-01');
