// A stand-in for the part of Uniform Type Identifiers that Klink uses.

/// A kind of file.
public struct UTType: Hashable, Sendable {
    let identifier: String
    public static let data = UTType(identifier: "public.data"), image = UTType(identifier: "public.image")
    public static let url = UTType(identifier: "public.url"), fileURL = UTType(identifier: "public.file-url")
    public static let plainText = UTType(identifier: "public.plain-text")
    public static let png = UTType(identifier: "public.png"), jpeg = UTType(identifier: "public.jpeg")
    public func conforms(to type: UTType) -> Bool { self == type }
    public static let folder = UTType(identifier: "public.folder")
}
