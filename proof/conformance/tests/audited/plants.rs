//! Violations planted in what markets left behind: each is found by name.
