//! What the linker is told of the library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    // Parts begin at pages of 16 KiB: newer Android devices load no other, and smaller pages take them too.
    let pages = ["android", "linux"].contains(&system.as_str()).then_some("max-page-size=16384");
    // Relocations take a megabyte less; Android knows the way since 11, which is the oldest that is supported, Linux only
    // with a glibc that not everybody has.
    let relocations = (system == "android").then_some("pack-relative-relocs");
    for what in [pages, relocations].into_iter().flatten() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,{what}");
    }
}
