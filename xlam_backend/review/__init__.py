"""The review desk: queues, leases, verdicts, adjudication, agreement, calibration."""
