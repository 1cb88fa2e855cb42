package io.tributary.lake.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.core.TableName;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.SparkArithmeticException;
import org.apache.spark.SparkDateTimeException;
import org.apache.spark.SparkNumberFormatException;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.DeltaUnsupportedTableFeatureException;
import org.apache.spark.sql.delta.InvalidProtocolVersionException;
import org.apache.spark.sql.delta.VersionNotFoundException;

/** Classifies what Spark and Delta throw by who must act. */
public final class DeltaErrors {
  /** Part of the message of a write whose frame has a row outside what it replaces. */
  static final String OUTSIDE = "a given row is outside of what is replaced";

  private DeltaErrors() {}

  /**
   * Does {@code work}; what it throws for a known reason becomes a platform exception, anything
   * else is rethrown as it is.
   */
  public static <T> T explained(String verb, TableName table, String path, Supplier<T> work) {
    try {
      return work.get();
    } catch (PlatformException e) {
      throw e;
    } catch (Exception e) {
      throw explain("Cannot " + verb + " table " + table, path, e);
    }
  }

  private static RuntimeException explain(String what, String path, Exception thrown) {
    for (Throwable t : PlatformException.causes(thrown)) {
      if (t instanceof PlatformException p) {
        return p;
      }
      if (t.getMessage() != null && t.getMessage().startsWith(OUTSIDE)) {
        return new PlatformException(
            ErrorCode.BUG, what + ": " + first(t) + " Report this as a bug.", thrown);
      }
      if (t instanceof DeltaConcurrentModificationException
          || t instanceof AnalysisException a && "DELTA_PATH_EXISTS".equals(a.getErrorClass())) {
        return new PlatformException(
            ErrorCode.CONFLICT,
            what + ": another process changed it meanwhile (" + first(t) + "). Run it again.",
            thrown);
      }
      if (t instanceof VersionNotFoundException) {
        return new PlatformException(
            ErrorCode.NOT_FOUND,
            what
                + ": "
                + first(t).replaceFirst("\\.$", "")
                + ". It is past the lake's retention. Rebuild what was made from it.",
            thrown);
      }
      if (t instanceof InvalidProtocolVersionException
          || t instanceof DeltaUnsupportedTableFeatureException
          || first(t).contains("Mismatched minWriterVersion")) {
        return new PlatformException(
            ErrorCode.REFUSED,
            what
                + " in "
                + path
                + ": it is in a later version of the format ("
                + first(t).replaceFirst("\\.$", "")
                + "). Use the version of Tributary that changed it, or a later one.",
            thrown);
      }
      if (t instanceof SparkArithmeticException
          || t instanceof SparkNumberFormatException
          || t instanceof SparkDateTimeException) {
        return new PlatformException(
            ErrorCode.INVALID_VALUE,
            what
                + ": a value can't be computed: "
                + SeenValue.of(first(t))
                + " Correct the data or the expression.",
            thrown);
      }
      if (t instanceof AnalysisException a && mergeFails(a)) {
        return new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            what
                + ": a column's type is not the table's: "
                + first(t)
                + " Keep the type, or give the definition a new name or version.",
            thrown);
      }
      if (t instanceof IOException) {
        return new PlatformException(
            ErrorCode.STORAGE,
            what
                + " in "
                + path
                + ": "
                + reason(t)
                + ". Check that "
                + System.getProperty("user.name")
                + " may write there and that there is space.",
            thrown);
      }
    }
    List<Throwable> chain = PlatformException.causes(thrown);
    return thrown instanceof RuntimeException r
        ? r
        : new IllegalStateException(what + ": " + first(chain.get(chain.size() - 1)), thrown);
  }

  private static boolean mergeFails(AnalysisException e) {
    String error = e.getErrorClass() == null ? "" : e.getErrorClass();
    return error.startsWith("DELTA_FAILED_TO_MERGE_FIELDS")
        || error.startsWith("DELTA_MERGE_INCOMPATIBLE");
  }

  private static String reason(Throwable t) {
    return t instanceof FileSystemException f && f.getReason() == null
        ? f.getClass().getSimpleName() + " " + f.getFile()
        : first(t);
  }

  /** The first line of a message. */
  private static String first(Throwable t) {
    return t.getMessage() == null
        ? t.getClass().getSimpleName()
        : t.getMessage().lines().findFirst().orElse(t.getClass().getSimpleName());
  }
}
