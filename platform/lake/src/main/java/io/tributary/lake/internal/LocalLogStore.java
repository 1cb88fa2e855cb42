package io.tributary.lake.internal;

import io.delta.storage.HadoopFileSystemLogStore;
import io.tributary.events.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log store for a local disk: each file is there whole or not at all, and of several
 * processes that write one version exactly one wins. Delta's own checks and then renames.
 */
public final class LocalLogStore extends HadoopFileSystemLogStore {
  public LocalLogStore(Configuration configuration) {
    super(configuration);
  }

  @Override
  public void write(
      Path path, Iterator<String> actions, Boolean overwrite, Configuration configuration)
      throws IOException {
    StringBuilder text = new StringBuilder();
    while (actions.hasNext()) {
      text.append(actions.next()).append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    java.nio.file.Path file = java.nio.file.Path.of(path.toUri().getPath());
    Files.createDirectories(file.getParent());
    if (overwrite) {
      AtomicFiles.replace(file, bytes);
      return;
    }
    try {
      AtomicFiles.create(file, bytes);
    } catch (FileAlreadyExistsException e) {
      FileAlreadyExistsException lost = new FileAlreadyExistsException(path.toString());
      lost.initCause(e);
      throw lost;
    }
  }

  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration configuration) {
    return false;
  }
}
