"""Agreement, calibration and comparison: pure functions of counts and labels."""
