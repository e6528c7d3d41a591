//! The audit of whatever a test has made. The audit itself is tested beside it, in `audited`.

use std::path::Path;

use store_sqlite::audit::audit;

/// Asserts that nothing offends.
pub fn assert_clean(path: &Path) {
    let mut found = Vec::new();
    let summary = audit(path, &mut |check| found.extend(check.examples.clone())).unwrap();
    assert!(summary.is_clean() && found.is_empty(), "{found:#?}");
    assert!(summary.rows > 0 && summary.checks > 0);
}
