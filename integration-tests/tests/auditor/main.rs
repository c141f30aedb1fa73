//! What an auditor runs: our own verifier over everything that can be flipped, swapped or served, and a
//! verifier in Go that nobody here wrote.

mod flips;
mod log;
mod outside;
mod served;
mod sources;
