-- What this migration added to the database of the file before, with rows in every table.

-- Roles, and the log of what was done. Both append-only: the last row of a person counts.
CREATE TABLE person_role (
    role_no      BIGINT NOT NULL,
    person       VARCHAR NOT NULL,
    role         VARCHAR NOT NULL,       -- annotator, researcher, admin; '' takes the person out
    given_by     VARCHAR NOT NULL,
    given_at     TIMESTAMP NOT NULL
);

CREATE TABLE audit (
    audit_no     BIGINT NOT NULL,
    at_time      TIMESTAMP NOT NULL,
    person       VARCHAR NOT NULL,
    role         VARCHAR NOT NULL,       -- the one the person had then
    action       VARCHAR NOT NULL,
    subject      VARCHAR NOT NULL,
    detail       VARCHAR NOT NULL        -- JSON object, never the data itself
);

INSERT INTO schema_migration VALUES (11, '0011_people', 'c1d1d99e7718b3b9c740ba14c6e363c44e9b21cc20db0cc068d8f4bf71c6961c', '2026-01-01');

INSERT INTO person_role VALUES (1, 'ann', 'annotator', 'some', '2026-01-01');
INSERT INTO audit VALUES (1, '2026-01-01', 'ann', 'annotator', 'review', 'argument', '{}');
