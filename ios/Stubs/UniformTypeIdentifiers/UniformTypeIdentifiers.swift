// A stand-in for the part of Uniform Type Identifiers that Klink uses.

/// A kind of file.
public struct UTType: Hashable, Sendable {
    let identifier: String
    public static let data = UTType(identifier: "public.data"), image = UTType(identifier: "public.image")
}
