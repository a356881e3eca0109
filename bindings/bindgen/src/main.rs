//! Writes the Swift, Kotlin and Python that call the library. `cargo xtask bindings` starts it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
