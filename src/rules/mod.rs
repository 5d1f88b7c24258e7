//! Pure verdicts from a fleet, facts and a time.
