package io.tributary.expression.internal;

import io.tributary.core.Nearest;
import io.tributary.definition.Aggregate;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;

/**
 * The functions that an expression may call: Spark's own that give the same answer for the same row
 * everywhere and always.
 */
public final class Functions {
  private static final Set<String> ALLOWED =
      words(
          """
          abs acos acosh asin asinh atan atan2 atanh bin bit_count bit_get bround cbrt ceil ceiling cos cosh cot csc degrees e exp
          expm1 factorial floor getbit greatest hex hypot least ln log log10 log1p log2 mod negative pi pmod positive pow power
          radians rint round sec shiftleft shiftright shiftrightunsigned sign signum sin sinh sqrt tan tanh try_add try_divide
          try_multiply try_subtract unhex width_bucket

          coalesce equal_null if ifnull isnan isnotnull isnull nanvl not nullif nvl nvl2

          ascii base64 bit_length btrim char char_length character_length chr concat concat_ws contains decode encode endswith
          find_in_set initcap instr lcase left len length levenshtein like ilike locate lower lpad ltrim octet_length overlay
          position regexp regexp_count regexp_extract regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr
          repeat replace reverse right rlike rpad rtrim soundex space split split_part startswith substr substring
          substring_index to_number translate trim try_to_number ucase unbase64 upper

          crc32 hash md5 sha sha1 sha2 xxhash64

          add_months date_add date_diff date_format date_from_unix_date date_part date_sub date_trunc dateadd
          datediff datepart day dayofmonth dayofweek dayofyear extract from_unixtime from_utc_timestamp hour last_day make_date
          make_dt_interval make_timestamp make_timestamp_ltz make_ym_interval minute month months_between next_day quarter second
          timestamp_micros timestamp_millis timestamp_seconds to_date to_timestamp to_timestamp_ltz to_unix_timestamp
          to_utc_timestamp trunc try_to_timestamp unix_date unix_micros unix_millis unix_seconds unix_timestamp weekday weekofyear
          year

          array array_append array_contains array_distinct array_except array_intersect array_join array_max array_min
          array_position array_prepend array_remove array_repeat array_size array_union arrays_overlap cardinality element_at
          flatten get map map_contains_key map_from_arrays map_keys map_values named_struct size slice sort_array struct
          try_element_at

          bigint binary boolean date decimal double float int smallint string timestamp tinyint
          """);

  private static final Set<String> CLOCK =
      words("curdate current_date current_timestamp localtimestamp now");
  private static final Set<String> RANDOM =
      words("monotonically_increasing_id rand randn random shuffle spark_partition_id uuid");
  private static final Set<String> SESSION =
      words(
          "current_catalog current_database current_schema current_timezone current_user session_user user version"
              + " input_file_name input_file_block_length input_file_block_start");
  private static final Set<String> AGGREGATE =
      words(
          Aggregate.Function.named().stream()
              .map(Aggregate.Function::text)
              .collect(
                  Collectors.joining(
                      " ",
                      "any any_value approx_percentile array_agg avg bool_and bool_or collect_list collect_set corr"
                          + " count_if covar_pop covar_samp every first_value kurtosis last_value max_by median min_by mode"
                          + " percentile_approx skewness some std stddev variance ",
                      "")));
  private static final Set<String> LAMBDA =
      words(
          "aggregate exists filter forall map_filter map_zip_with reduce transform transform_keys transform_values zip_with");

  private Functions() {}

  /** The allowed names, sorted. */
  public static Set<String> allowed() {
    return ALLOWED;
  }

  static boolean isAllowed(String name) {
    return ALLOWED.contains(name);
  }

  /** Why a lower-case name that is not allowed is refused. */
  static String refusal(String name) {
    String quoted = "function \"" + name + "\"";
    if (CLOCK.contains(name)) {
      return readsClock(quoted);
    }
    if (RANDOM.contains(name)) {
      return quoted
          + " is refused: it answers differently each time. Take a column of the data instead.";
    }
    if (SESSION.contains(name)) {
      return quoted
          + " is refused: it answers by who runs it and where. Take a column of the data instead.";
    }
    if (AGGREGATE.contains(name)) {
      return quoted
          + " is refused: it aggregates rows. Make it a feature of its own, as in mean(x) over 7d.";
    }
    if (LAMBDA.contains(name)) {
      return quoted
          + " is refused: functions over lambdas have no stable identity. Say it without a lambda.";
    }
    if (FunctionRegistry$.MODULE$.functionSet().contains(FunctionIdentifier.apply(name))) {
      return quoted
          + " is not one of those that an expression may call. Say it with another function.";
    }
    return "there is no " + quoted + "." + Nearest.hint(name, ALLOWED);
  }

  /**
   * Why a column-like name such as {@code current_date} is refused; null where it is a plain name.
   */
  static String refusalOfName(String name) {
    if (CLOCK.contains(name)) {
      return readsClock("\"" + name + "\"");
    }
    return SESSION.contains(name)
        ? "\""
            + name
            + "\" is refused: it answers by who runs it and where. Take a column of the data instead."
        : null;
  }

  static String readsClock(String what) {
    return what
        + " is refused: it reads the clock, so the same row would give another answer tomorrow. Take a column of the data"
        + " instead.";
  }

  private static Set<String> words(String text) {
    return java.util.Collections.unmodifiableSet(
        new TreeSet<>(Arrays.asList(text.trim().split("\\s+"))));
  }
}
