package io.tributary.expression;

import java.time.ZoneId;
import java.util.function.Supplier;
import org.apache.spark.package$;
import org.apache.spark.sql.internal.SQLConf;

/**
 * The rules under which an expression is parsed, typed and compiled; no session and no JVM setting
 * takes part.
 *
 * @param zone what local times mean
 */
public record SqlDialect(ZoneId zone, Division division) {
  /** Part of every identity: what the same resolved expression could mean something else under. */
  static String version() {
    return "spark-" + package$.MODULE$.SPARK_VERSION() + " ansi physical-time-1";
  }

  /** Runs with this profile as the thread's SQL configuration. */
  public <T> T under(Supplier<T> work) {
    SQLConf conf = new SQLConf();
    conf.setConfString("spark.sql.ansi.enabled", "true");
    conf.setConfString("spark.sql.session.timeZone", zone.getId());
    return SQLConf.withExistingConf(conf, work::get);
  }
}
