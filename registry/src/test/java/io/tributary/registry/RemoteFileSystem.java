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
