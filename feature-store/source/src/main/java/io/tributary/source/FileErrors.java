package io.tributary.source;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.io.File;
import java.io.FileNotFoundException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.util.VersionInfo;

/** Turns what a file system throws about a source's file into an error that names who must act. */
public final class FileErrors {
  /** S3's clients may be missing, so that their classes go by name. */
  private static final String S3A = "org.apache.hadoop.fs.s3a.";

  private static final List<String> STORAGES =
      List.of(
          "org.apache.hadoop.",
          "org.apache.http.",
          "com.amazonaws.",
          "software.amazon.",
          "java.net.",
          "javax.net.");

  private static final String DENIED = "(Permission denied)";
  private static final Pattern SERVICE =
      Pattern.compile("(.*?) \\(Service: .*Error Code: ([^;]*);.*");

  private FileErrors() {}

  /** Whether a file is on a disk of this machine, or on one that is mounted as one. */
  public static boolean isLocal(Path path) {
    return path.toUri().getScheme() == null || "file".equals(path.toUri().getScheme());
  }

  /** Whether a path is written with the scheme of its file system, as in {@code s3a://…}. */
  public static boolean isUri(String path) {
    return path.matches("[a-zA-Z][a-zA-Z0-9+.-]+:/.*");
  }

  /** Whether a storage failed and not what is done with its bytes, as far as a class tells. */
  static boolean isOfStorage(Throwable thrown) {
    return thrown instanceof FileNotFoundException
        || STORAGES.stream().anyMatch(thrown.getClass().getName()::startsWith);
  }

  /** Whether a file was removed, or replaced by another, under its reader. */
  static boolean isChanged(Throwable thrown) {
    return thrown instanceof FileNotFoundException
        || named(thrown, S3A + "RemoteFileChangedException");
  }

  /**
   * A source that has nothing to deliver, and never had.
   *
   * @param nothing what was looked for, as {@code no file matches data/*.csv}
   */
  public static PlatformException nothingEver(String source, String nothing) {
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot ingest source %s: %s, and none has been delivered before. Deliver one, or correct the source's path."
            .formatted(source, nothing));
  }

  /**
   * What a file system threw, for a person.
   *
   * @param path what was to be read, as messages name it
   * @param at where that is
   */
  public static PlatformException of(String source, String path, Path at, Throwable thrown) {
    for (Throwable t : PlatformException.causes(thrown)) {
      if (t instanceof ClassNotFoundException || t instanceof NoClassDefFoundError) {
        return error(ErrorCode.INVALID_DEFINITION, source, path, missing(at, t), thrown);
      }
      if (t instanceof UnsupportedFileSystemException) {
        return error(ErrorCode.INVALID_DEFINITION, source, path, noFileSystem(at), thrown);
      }
      if (t instanceof FileNotFoundException && !String.valueOf(t.getMessage()).contains(DENIED)) {
        String why =
            "there is no such file."
                + nearest(path, at)
                + " Deliver it, or correct the source's path.";
        return error(ErrorCode.UNREADABLE_FILE, source, path, why, thrown);
      }
      if (named(t, S3A + "UnknownStoreException")) {
        String why =
            "there is no bucket "
                + at.toUri().getAuthority()
                + ". Make it, or correct the source's path or fs.s3a.endpoint.";
        return error(ErrorCode.INVALID_DEFINITION, source, path, why, thrown);
      }
      if (named(t, S3A + "auth.NoAuthWithAWSException")
          || named(t, S3A + "auth.NoAwsCredentialsException")) {
        String why =
            "there are no credentials for it. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name another way in fs.s3a.aws.credentials.provider.";
        return error(ErrorCode.SERVER, source, path, why, thrown);
      }
    }
    String why = reason(thrown);
    if (isLocal(at)) {
      return error(
          ErrorCode.UNREADABLE_FILE,
          source,
          path,
          why + ". Deliver it, or correct the source's path.",
          thrown);
    }
    return error(
        ErrorCode.SERVER,
        source,
        path,
        why
            + ". Check that the server of "
            + at.toUri().getScheme()
            + "://"
            + at.toUri().getAuthority()
            + " answers and lets it be read; then run ingest again.",
        thrown);
  }

  /** The name beside it on this machine that is most like it. */
  private static String nearest(String path, Path at) {
    if (!isLocal(at) || at.getParent() == null) {
      return "";
    }
    String[] names = new File(at.getParent().toUri().getPath()).list();
    return names == null
        ? ""
        : Nearest.of(at.getName(), List.of(names))
            .map(n -> " Did you mean " + path.substring(0, path.lastIndexOf('/') + 1) + n + "?")
            .orElse("");
  }

  private static PlatformException error(
      ErrorCode code, String source, String path, String why, Throwable cause) {
    return new PlatformException(
        code, "Cannot read file " + path + " of source " + source + ": " + why, cause);
  }

  private static String missing(Path at, Throwable t) {
    String scheme = at.toUri().getScheme();
    String type = t.getMessage().replaceFirst("^Class (\\S+) not found$", "$1").replace('/', '.');
    return "class "
        + type
        + " is not on the class path. "
        + (scheme.equals("s3a")
            ? "Add Hadoop's S3 client: spark-submit --packages org.apache.hadoop:hadoop-aws:"
                + VersionInfo.getVersion()
                + "."
            : "Add Hadoop's client for " + scheme + ":.");
  }

  private static String noFileSystem(Path at) {
    String scheme = at.toUri().getScheme();
    return "Hadoop knows no file system "
        + scheme
        + ":. "
        + (scheme.matches("s3n?")
            ? "Write s3a: in the source's path."
            : "Correct the source's path, or add Hadoop's client for it and name its class in fs."
                + scheme
                + ".impl.");
  }

  /** The innermost cause's message, in one line without request ids. */
  private static String reason(Throwable thrown) {
    List<Throwable> chain = PlatformException.causes(thrown);
    Throwable root = chain.get(chain.size() - 1);
    String said =
        root.getMessage() == null ? "" : root.getMessage().lines().findFirst().orElse("").strip();
    Matcher service = SERVICE.matcher(said);
    if (service.matches()) {
      said = service.group(1) + " (" + service.group(2) + ")";
    } else if (!(root instanceof java.io.IOException)
        || said.isEmpty()
        || root instanceof java.net.UnknownHostException) {
      said = root.getClass().getSimpleName() + (said.isEmpty() ? "" : ": " + said);
    }
    return said.replaceAll("\\.$", "");
  }

  private static boolean named(Throwable t, String type) {
    return t.getClass().getName().equals(type);
  }
}
