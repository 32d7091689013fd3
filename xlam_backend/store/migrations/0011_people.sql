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
