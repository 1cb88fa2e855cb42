package io.tributary.lake.internal;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system without its checksum files, and without the {@code chmod} process that
 * Hadoop starts for every file and folder where its native library is missing.
 */
public final class LocalFiles extends RawLocalFileSystem {
  @Override
  public void setPermission(Path path, FsPermission permission) throws IOException {
    Set<PosixFilePermission> bits = EnumSet.noneOf(PosixFilePermission.class);
    // The enum's order is that of the nine mode bits, from the highest.
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int i = 0; i < all.length; i++) {
      if ((permission.toShort() & (1 << (all.length - 1 - i))) != 0) {
        bits.add(all[i]);
      }
    }
    try {
      Files.setPosixFilePermissions(pathToFile(path).toPath(), bits);
    } catch (UnsupportedOperationException e) {
      super.setPermission(path, permission);
    }
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    java.nio.file.Path source = pathToFile(from).toPath();
    java.nio.file.Path target = pathToFile(to).toPath();
    if (Files.isDirectory(source) || Files.isDirectory(target)) {
      return super.rename(from, to);
    }
    try {
      Files.move(source, target, ATOMIC_MOVE, REPLACE_EXISTING);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
