package io.tributary.events;

import io.delta.storage.HadoopFileSystemLogStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log on a local disk for engines that take a log store by name ({@code
 * spark.delta.logStore.file.impl}): commits are exclusive among processes, which they are not with
 * Hadoop's check and rename.
 */
public final class AtomicLogStore extends HadoopFileSystemLogStore {
  public AtomicLogStore(Configuration hadoopConf) {
    super(hadoopConf);
  }

  @Override
  public void write(
      Path path, Iterator<String> actions, Boolean overwrite, Configuration hadoopConf)
      throws IOException {
    StringBuilder text = new StringBuilder();
    actions.forEachRemaining(action -> text.append(action).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    java.nio.file.Path file = LakePath.local(path.toString());
    if (overwrite) {
      AtomicFiles.replace(file, bytes);
    } else {
      AtomicFiles.create(file, bytes);
    }
  }

  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration hadoopConf) {
    return true;
  }
}
