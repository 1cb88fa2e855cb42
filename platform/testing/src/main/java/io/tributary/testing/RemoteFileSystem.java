package io.tributary.testing;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A file system with a scheme of its own, so that nothing takes its paths for local ones. */
public final class RemoteFileSystem extends RawLocalFileSystem {
  private static final URI NAME = URI.create("testlake:///");

  /** Whether its process is killed before it gives a file its name: nothing is tidied up either. */
  private static volatile boolean dying;

  public static void dying(boolean whether) {
    dying = whether;
  }

  /** As HDFS does, and POSIX does not: at once, and never over a file that is there. */
  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (dying) {
      throw new IOException("killed");
    }
    synchronized (RemoteFileSystem.class) {
      return !pathToFile(to).isFile() && super.rename(from, to);
    }
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return !dying && super.delete(path, recursive);
  }

  /** Without the permissions, which only local paths have. */
  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    return Arrays.stream(super.listStatus(folder))
        .map(
            s ->
                new FileStatus(
                    s.getLen(),
                    s.isDirectory(),
                    s.getReplication(),
                    s.getBlockSize(),
                    s.getModificationTime(),
                    s.getPath()))
        .toArray(FileStatus[]::new);
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public String getScheme() {
    return NAME.getScheme();
  }
}
