package io.tributary.events;

import java.net.URI;
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
}
