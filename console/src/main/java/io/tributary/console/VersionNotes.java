package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary registry describe}, {@code tag}, {@code hold} and {@code release}. */
final class VersionNotes {
  private VersionNotes() {}

  /** Tags as users write them. */
  static String text(Map<String, String> tags) {
    return tags.entrySet().stream()
        .map(tag -> tag.getKey() + "=" + tag.getValue())
        .collect(Collectors.joining(" "));
  }

  private static void print(ProjectOptions options, Map<String, Object> result, String line) {
    if (options.json()) {
      options.print(result);
      return;
    }
    options.out().println(line);
    options.out().flush();
  }

  /** {@code tributary registry describe}. */
  @Command
  static final class Describe implements Runnable {
    @Mixin private ProjectOptions options;
    @Mixin private RegistryCommand.VersionNumber version;

    @Parameters(
        index = "1",
        paramLabel = "TEXT",
        description = "What it is, in place of what was said before; \"\" = nothing any more.")
    private String text;

    @Override
    public void run() {
      RegistryCommand.registry(options)
          .describe(version.reference().model(), version.number(), text, Principal.ofProcess());
      print(
          options,
          Map.of("version", version.reference(), "description", text),
          version.reference() + " is described");
    }
  }

  /** {@code tributary registry tag}. */
  @Command
  static final class Tag implements Runnable {
    @Mixin private ProjectOptions options;
    @Mixin private RegistryCommand.VersionNumber version;

    @Parameters(
        index = "1..*",
        arity = "0..*",
        paramLabel = "TAG",
        description = "As in stage=trial; one of the same key is replaced.")
    private List<String> tags = List.of();

    @Option(
        names = "--remove",
        paramLabel = "KEY",
        description = "Remove the tag of this key; may be given several times.")
    private List<String> removed = List.of();

    @Override
    public void run() {
      Map<String, String> set = new LinkedHashMap<>();
      for (String tag : tags) {
        int equals = tag.indexOf('=');
        if (equals < 1) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot tag %s: \"%s\" is no tag. Write a word and a value, as in stage=trial."
                  .formatted(version.reference(), tag));
        }
        set.put(tag.substring(0, equals), tag.substring(equals + 1).strip());
      }
      if (set.isEmpty() && removed.isEmpty()) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot tag %s: no tag is named. Write one as in stage=trial, or --remove stage."
                .formatted(version.reference()));
      }
      Map<String, String> now =
          RegistryCommand.registry(options)
              .tag(
                  version.reference().model(),
                  version.number(),
                  set,
                  removed,
                  Principal.ofProcess());
      print(
          options,
          Map.of("version", version.reference(), "tags", now),
          now.isEmpty()
              ? version.reference() + " has no tags"
              : "tags of " + version.reference() + " are " + text(now));
    }
  }

  /** {@code tributary registry hold}. */
  @Command(
      description = {
        "Holds a version until it is released: it is not retired, and no command of Tributary cleans anything of it.",
        "The rows of its training set stay readable as long as retention says: a hold keeps Delta from nothing."
      })
  static final class Hold implements Runnable {
    @Mixin private ProjectOptions options;
    @Mixin private RegistryCommand.VersionNumber version;
    @Mixin private RegistryCommand.Reason reason;

    @Override
    public void run() {
      RegistryCommand.registry(options)
          .hold(
              version.reference().model(), version.number(), Principal.ofProcess(), reason.text());
      print(options, Map.of("held", version.reference()), version.reference() + " is held");
      options.notifyOfChange();
    }
  }

  /** {@code tributary registry release}. */
  @Command
  static final class Release implements Runnable {
    @Mixin private ProjectOptions options;
    @Mixin private RegistryCommand.VersionNumber version;
    @Mixin private RegistryCommand.Reason reason;

    @Override
    public void run() {
      RegistryCommand.registry(options)
          .release(
              version.reference().model(), version.number(), Principal.ofProcess(), reason.text());
      print(
          options,
          Map.of("released", version.reference()),
          version.reference() + " is no longer held");
      options.notifyOfChange();
    }
  }
}
