//! The public signatures in generated code: what a change of the API would show as a difference.
//!
//! Lines are read, not grammars: the generator writes one declaration a line. Its own machinery is left out.

/// Returns the public signatures of a generated Swift file, each under the type that it belongs to.
pub(super) fn swift(text: &str) -> String {
    let mut out = Signatures::default();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        let is_case = line.starts_with("case ") && !line.ends_with(':');
        let is_requirement = line.starts_with("func ") && out.in_protocol;
        if line.starts_with("public ") || line.starts_with("open ") || is_case || is_requirement {
            out.declaration(line, indent, line.contains("protocol "));
        } else {
            out.other(line, indent);
        }
    }
    out.finish()
}

/// Returns the public signatures of a generated Kotlin file, each under the type that it belongs to.
pub(super) fn kotlin(text: &str) -> String {
    const STARTS: [&str; 14] = [
        "public ",
        "fun ",
        "suspend fun ",
        "@Throws(",
        "data class ",
        "enum class ",
        "sealed class ",
        "open class ",
        "interface ",
        "object ",
        "val ",
        "class ",
        "override suspend fun ",
        "data object ",
    ];
    let mut out = Signatures::default();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if let Some(line) = of_no_type(line) {
            out.declaration(line, 0, false);
            continue;
        }
        let is_member_of_enum = out.in_enum && line.starts_with(|c: char| c.is_ascii_uppercase());
        if is_member_of_enum || STARTS.iter().any(|start| line.starts_with(start)) {
            out.declaration(line, indent, false);
            out.in_enum |= line.contains("enum class ");
        } else {
            out.other(line, indent);
        }
    }
    out.finish()
}

/// Returns a function that belongs to no type: the generator writes it behind the end of its comment, or behind what it
/// throws.
fn of_no_type(line: &str) -> Option<&str> {
    let thrown = || line.strip_prefix("@Throws(")?.split_once("::class) ").map(|(_, rest)| rest);
    line.strip_prefix("*/ ").or_else(thrown).filter(|rest| rest.starts_with("fun `"))
}

/// What stands in the generator's own declarations.
const MACHINERY: [&str; 22] = [
    "FfiConverter",
    "uniffi",
    "Uniffi",
    "UniFFI",
    "RustBuffer",
    "ForeignBytes",
    "JNA",
    "com.sun.jna",
    "Structure",
    "Disposable",
    "Impl",
    "NoHandle",
    "noHandle",
    "_lift",
    "_lower",
    "static func lift(",
    "static func lower(",
    "static func read(",
    "static func write(",
    "static func ==",
    "case .",
    "lateinit",
];

/// What stands inside of a function is no signature.
const DEEPEST: usize = 8;

/// Signatures with the place they stand at.
#[derive(Default)]
struct Signatures {
    lines: Vec<(usize, String)>,
    in_protocol: bool,
    in_enum: bool,
}

impl Signatures {
    fn declaration(&mut self, line: &str, indent: usize, is_protocol: bool) {
        let line = line.split(" {").next().unwrap_or(line).trim_end_matches('{').trim_end();
        self.lines.push((indent, line.to_owned()));
        if indent == 0 {
            self.in_protocol = is_protocol;
            self.in_enum = false;
        }
    }

    fn other(&mut self, line: &str, indent: usize) {
        let hides = ["fileprivate ", "private ", "internal "].iter().any(|start| line.starts_with(start));
        if indent == 0 && hides {
            // Hides what stands inside.
            self.lines.push((0, MACHINERY[0].to_owned()));
        }
        if indent == 0 && line.starts_with('}') {
            self.in_protocol = false;
            self.in_enum = false;
        }
    }

    /// Prints the lines without those that are the generator's own, and what stands inside of those.
    fn finish(self) -> String {
        let mut out = String::new();
        let mut hidden_from = None;
        for (indent, line) in self.lines {
            if indent > DEEPEST || hidden_from.is_some_and(|from| indent > from) {
                continue;
            }
            hidden_from = None;
            if MACHINERY.iter().any(|word| line.contains(word)) {
                hidden_from = Some(indent);
                continue;
            }
            out.push_str(&" ".repeat(indent));
            out.push_str(&line);
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_belong_to_no_type_are_listed_wherever_the_generator_puts_them() {
        let text = "class A {\n    @Throws(E::class)override fun `x`() {\n}\n}\n        /**\n         * Says.\n         \
            */ fun `alone`(): kotlin.Long {\n        return 1\n    @Throws(E::class) fun `other`(`a`: A)\n";
        let list = kotlin(text);
        assert!(
            list.contains("\nfun `alone`(): kotlin.Long\n") && list.contains("\nfun `other`(`a`: A)\n"),
            "{list}"
        );
    }

    #[test]
    fn public_swift_is_listed_and_machinery_is_not() {
        let text = "public enum Kind: Sendable {\n\n    case totp\n    case none(\n    )\n}\n\
            public struct FfiConverterTypeKind: FfiConverterRustBuffer {\n    public static func read() {\n}\n\
            public protocol Keys: AnyObject {\n    func kinds()  -> [Kind]\n}\nprivate func f() {}\n";
        let expected = "public enum Kind: Sendable\n    case totp\n    case none(\npublic protocol Keys: AnyObject\n    func kinds()  -> [Kind]\n";
        assert_eq!(swift(text), expected);
    }

    #[test]
    fn public_kotlin_is_listed_and_machinery_is_not() {
        let text = "data class A (\n    val id: kotlin.String\n) {\n    companion object\n}\n\
            internal object UniffiLib {\n    fun a()\n}\nenum class Kind {\n    TOTP,\n}\nval x = 1\n";
        let expected = "data class A (\n    val id: kotlin.String\nenum class Kind\n    TOTP,\nval x = 1\n";
        assert_eq!(kotlin(text), expected);
    }
}
