//! What members, and those who only say so, upload; every input is made here, none lies in a file.

mod bombs;
mod hostile;
mod mutated;
mod painted;
mod stripped;
mod upright;
