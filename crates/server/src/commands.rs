//! The commands of the binary, one file each.

pub mod audit;
pub mod demo;
pub mod export;
pub mod import;
pub mod member;
pub mod migrate;
pub mod seed;
pub mod serve;
pub mod settings;
