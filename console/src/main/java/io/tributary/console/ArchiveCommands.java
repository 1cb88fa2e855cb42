package io.tributary.console;

import io.tributary.core.Principal;
import io.tributary.registry.Origin;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.VersionArchives;
import io.tributary.registry.VersionArchives.Data;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary registry export} and {@code import}: versions from one lake to another. */
final class ArchiveCommands {
  private ArchiveCommands() {}

  /** {@code tributary registry export}. */
  @Command(
      description = {
        "Writes a version to one file, which another lake imports: as it was registered, with its bundle, the list of its",
        "libraries and the definitions that it is made of. The same version gives the same bytes. What people said and decided",
        "of it since stays: aliases, descriptions, tags, holds. A retired or suspect version is refused. Whoever has the file",
        "has what the bundle knows of training rows: categories, edges, ranges; with --with-data the rows themselves."
      })
  static final class Export implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(
        paramLabel = "VERSION",
        description = "As in late_arrival@3 or late_arrival@production.")
    private String reference;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "FILE",
        description = "The archive; it is replaced.")
    private Path file;

    @Option(
        names = "--with-data",
        description = "Also the rows of its training set, as Parquet files.")
    private boolean withData;

    @Override
    public void run() {
      VersionArchives.Exported exported =
          VersionArchives.open(options.lake())
              .export(
                  options.project().name(),
                  reference,
                  file,
                  withData ? Data.TRAINING_SET : Data.NONE);
      if (options.json()) {
        options.print(exported);
        return;
      }
      options.out().printf("%s is in %s, digest %s%n", exported.version(), file, exported.digest());
      options.out().flush();
    }
  }

  /** {@code tributary registry import}. */
  @Command(
      description = {
        "Registers a version that another lake exported, under the next number of its model. All of the archive is checked",
        "before anything is written, and importing it again changes nothing: a version with its files, definition and inputs",
        "that is there already is that one. No alias points to it: promote it as any other version. Show, history, compare, trace",
        "and the card name the lake that it is from; what its training set was built from stays there."
      })
  static final class Import implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(
        paramLabel = "FILE",
        description = "An archive that tributary registry export has written.")
    private Path file;

    @Override
    public void run() {
      RegisteredVersion registered =
          VersionArchives.open(options.lake()).restore(file, Principal.ofProcess());
      Optional<Origin> origin = registered.importedFrom();
      if (options.json()) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("version", registered.version().reference());
        origin.ifPresent(from -> result.put("importedFrom", from));
        registered.retirement().ifPresent(retired -> result.put("retired", retired));
        options.print(result);
      } else {
        options
            .out()
            .println(
                registered.version().reference()
                    + origin
                        .map(from -> " is " + from)
                        .orElse(" is this version: it was trained in this lake"));
        registered
            .retirement()
            .ifPresent(
                retired ->
                    options.out().printf("it was retired by %s: it can't be used%n", retired));
        options.out().flush();
      }
      options.notifyOfChange();
    }
  }
}
