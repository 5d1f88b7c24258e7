//! One file a view: rows and columns computed from verdicts.
