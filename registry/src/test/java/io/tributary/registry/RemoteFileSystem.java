package io.tributary.registry;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A file system with a scheme of its own, so that nothing takes its paths for local ones. */
public final class RemoteFileSystem extends RawLocalFileSystem {
  private static final URI NAME = URI.create("testlake:///");

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public String getScheme() {
    return NAME.getScheme();
  }

  /** As HDFS does, and POSIX does not: at once, and never over a file that is there. */
  @Override
  public boolean rename(Path from, Path to) throws IOException {
    synchronized (RemoteFileSystem.class) {
      return !pathToFile(to).isFile() && super.rename(from, to);
    }
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
}
