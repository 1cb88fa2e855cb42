package io.tributary.events.runs;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/** The tables of a lake and their places, from its folders alone. */
public final class LakeTables {
  /**
   * Stores in which Hadoop's client renames by copying, and overwrites what another client has
   * written.
   */
  private static final Pattern UNSAFE = Pattern.compile("(?i)(s3[an]?|oss|cosn|obs|swift):.*");

  private LakeTables() {}

  /**
   * The folder of a lake on a local disk, absolute; empty for one that only Hadoop's file systems
   * reach.
   */
  public static Optional<Path> local(String lake) {
    if (lake.startsWith("file:")) {
      return Optional.of(
          Path.of(lake.replaceFirst("^file:(//)?", "")).toAbsolutePath().normalize());
    }
    return lake.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")
        ? Optional.empty()
        : Optional.of(Path.of(lake).toAbsolutePath().normalize());
  }

  /**
   * A lake's name in one form: an absolute folder, or a URI without a slash at its end.
   *
   * @throws PlatformException REFUSED for an object store in which runs could undo one another's
   *     commits
   */
  public static String normal(String lake) {
    if (UNSAFE.matcher(lake).matches()) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot open lake %s: Hadoop's client for %s: can't create a file only if it is not there, so that of two runs that commit at once one would be lost. Put the lake on a local disk, on HDFS or on another file system with an atomic rename; sources may stay where they are."
              .formatted(
                  lake.replaceFirst("//[^/@]*@", "//"), lake.substring(0, lake.indexOf(':'))));
    }
    return local(lake).map(Path::toString).orElse(lake.replaceFirst("/+$", ""));
  }

  /** The place of a table, whether it exists or not. */
  public static String path(String lake, TableName table) {
    return normal(lake) + "/" + table.layer() + "/" + table.subject();
  }

  /** The existing tables, sorted; empty for a lake that does not exist yet. */
  public static List<TableName> list(String lake) {
    TreeSet<TableName> tables = new TreeSet<>();
    for (String layer : TableName.LAYERS) {
      for (String subject : folders(lake, layer)) {
        if (subject.matches("[a-z][a-z0-9_]*") && isTable(lake, layer + "/" + subject)) {
          tables.add(TableName.of(layer, subject));
        }
      }
    }
    return List.copyOf(tables);
  }

  private static boolean isTable(String lake, String folder) {
    Optional<Path> local = local(lake);
    return local.isPresent()
        ? Files.isDirectory(local.get().resolve(folder).resolve("_delta_log"))
        : folders(lake, folder).contains("_delta_log");
  }

  private static List<String> folders(String lake, String folder) {
    Optional<Path> local = local(lake);
    List<String> names = new ArrayList<>();
    if (local.isPresent()) {
      try (Stream<Path> found = Files.list(local.get().resolve(folder))) {
        found.filter(Files::isDirectory).forEach(f -> names.add(f.getFileName().toString()));
      } catch (NoSuchFileException | NotDirectoryException e) {
        return List.of();
      } catch (IOException e) {
        throw unreadable(lake, folder, e);
      }
      return names;
    }
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(normal(lake) + "/" + folder);
    try {
      for (FileStatus status : FileSystem.get(path.toUri(), new Configuration()).listStatus(path)) {
        if (status.isDirectory()) {
          names.add(status.getPath().getName());
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw unreadable(lake, folder, e);
    }
    return names;
  }

  private static PlatformException unreadable(String lake, String folder, IOException cause) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot list folder %s of lake %s: %s. Check the storage and its permissions."
            .formatted(folder, lake, cause.getMessage()),
        cause);
  }
}
