#!/usr/bin/env bash
# Guess: a 64-bit float that is written as JSON with its shortest digits reads back as the same float in any
# mature library, so a report that a client keeps in a file and sends again has the same contents.
#
# What happens: Rust's serde_json reads about 6 of 100 coordinates with all their digits one unit in the last
# place off, such as -18.358490126374406 as -18.35849012637441. Rust's own `str::parse` reads each right.
# Coordinates with seven decimals are right too, because their digits fit 53 bits, so tests with written-out
# places pass. The Cargo feature `float_roundtrip` cures it; it is off because it is slower.
#
# Versions: serde_json 1.0.154 (float_roundtrip off, then on), Rust 1.95.
# Source: serde_json's Cargo.toml.orig, comment on the feature `float_roundtrip`; src/de.rs, f64_from_parts:
# without the feature it divides the rounded digits by a power of ten and so rounds twice.
#
# For our users: an updateLocation that is retried with its `id` must have the same contents. A Rust client
# that keeps waiting reports as JSON sends other contents for one such coordinate in 16, about one report in
# 8, and is answered CONFLICT. It needs `serde_json = { version = "1", features = ["float_roundtrip"] }`, also
# for comparing a returned location with the one that was sent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "coordinates"
version = "0.1.0"
edition = "2021"

[features]
exact = ["serde_json/float_roundtrip"]

[dependencies]
serde_json = "=1.0.154"
TOML
cat >src/main.rs <<'RUST'
/// Prints how many of 100,000 latitudes are not themselves after being written and read, by serde_json and by `parse`.
fn main() {
    let mut state: u64 = 1;
    let (mut by_serde, mut by_std, mut short) = (0, 0, 0);
    let mut example = String::new();
    for _ in 0..100_000 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let latitude = (state >> 11) as f64 / (1u64 << 53) as f64 * 180.0 - 90.0;
        let text = serde_json::to_string(&latitude).unwrap();
        let read: f64 = serde_json::from_str(&text).unwrap();
        if read != latitude {
            by_serde += 1;
            example = format!("{text} is read as {read}");
        }
        by_std += i32::from(text.parse::<f64>().unwrap() != latitude);
        let seven = format!("{latitude:.7}");
        short += i32::from(serde_json::from_str::<f64>(&seven).unwrap() != seven.parse::<f64>().unwrap());
    }
    eprintln!("all digits: {by_serde} wrong by serde_json, {by_std} by str::parse; seven decimals: {short} wrong {example}");
    println!("{by_serde} {by_std} {short}");
}
RUST
export CARGO_TARGET_DIR=$work/target
rustc --version
as_it_comes=$(cargo run --quiet --release)
exact=$(cargo run --quiet --release --features exact)
read -r by_serde by_std short <<<"$as_it_comes"
if [ "$by_serde" -gt 5000 ] && [ "$by_std $short" = '0 0' ] && [ "$exact" = '0 0 0' ]; then
  echo 'as described'
else
  echo 'NO LONGER as described'
  exit 1
fi
