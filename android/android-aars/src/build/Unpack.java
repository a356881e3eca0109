import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Puts the classes of all AARs and JARs of a folder into another: {@code java Unpack.java LIBRARIES CLASSES}. A mark beside
 * each library says that it was done.
 */
class Unpack {
    public static void main(String[] arguments) throws IOException {
        var classes = Path.of(arguments[1]);
        try (var libraries = Files.newDirectoryStream(Path.of(arguments[0]), "*.{aar,jar}")) {
            for (var library : libraries) {
                var done = library.resolveSibling(library.getFileName() + ".unpacked");
                if (Files.exists(done)) continue;
                if (library.toString().endsWith(".jar")) {
                    unpack(Files.newInputStream(library), classes);
                } else try (var aar = new ZipFile(library.toFile())) {
                    unpack(aar.getInputStream(aar.getEntry("classes.jar")), classes);
                }
                Files.createFile(done);
            }
        }
    }

    private static void unpack(InputStream jar, Path classes) throws IOException {
        try (var entries = new ZipInputStream(jar)) {
            for (ZipEntry entry; (entry = entries.getNextEntry()) != null; ) {
                if (entry.isDirectory() || entry.getName().startsWith("META-INF/versions/")) continue;
                var file = classes.resolve(entry.getName()).normalize();
                if (!file.startsWith(classes)) throw new IOException("an entry leads out of its archive");
                Files.createDirectories(file.getParent());
                Files.copy(entries, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
