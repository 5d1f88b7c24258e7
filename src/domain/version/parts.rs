//! What counts of a version, and the order of it.

use std::cmp::Ordering;

use semver::{BuildMetadata, Prerelease};

/// What counts of a version. Ordered by precedence: numbers, pre-release, numeric build.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// The dotted numbers at the front, as many as are written; at least one.
    pub(super) numbers: Vec<u64>,
    pub(super) pre: Prerelease,
    /// Only the numbers of the build, so that a commit never decides an order.
    pub(super) build: BuildMetadata,
    /// A vendor's count over a whole line: EKS numbers its platform `1.36-eks-6`, whatever patch the nodes run.
    pub(super) counts_line: bool,
}

impl Parts {
    pub(super) fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }

    pub(super) fn number(&self, n: usize) -> u64 {
        self.numbers.get(n).copied().unwrap_or(0)
    }

    /// Compares the first `n` numbers; those not written are 0.
    pub(super) fn numbers_cmp(&self, other: &Self, n: usize) -> Ordering {
        (0..n).map(|at| self.number(at).cmp(&other.number(at))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Whether one is a patch of a line and the other a vendor's count over that same line: neither is older.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        self.counts_line != other.counts_line && self.numbers_cmp(other, 2).is_eq()
    }

    /// Compares all but the build.
    pub(super) fn release_cmp(&self, other: &Self) -> Ordering {
        self.numbers_cmp(other, self.numbers.len().max(other.numbers.len())).then_with(|| self.pre.cmp(&other.pre))
    }
}

impl Ord for Parts {
    fn cmp(&self, other: &Self) -> Ordering {
        self.release_cmp(other).then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Parts {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Parts {}
