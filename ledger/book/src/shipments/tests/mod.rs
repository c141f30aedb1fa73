//! Shipments: given, when, then. One file for each process.

mod custody;
mod delivering;
mod gates;
mod histories;
mod loading;
mod planning;
mod road;
mod travelling;
