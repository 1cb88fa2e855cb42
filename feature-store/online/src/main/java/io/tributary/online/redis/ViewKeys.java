package io.tributary.online.redis;

import io.tributary.definition.ViewId;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/**
 * The keys of one view: {@code tributary:{project}:view@version:…}. What stands in the braces keeps
 * all keys of a project on one machine, wherever that is asked.
 */
record ViewKeys(String prefix) implements Serializable {
  static ViewKeys of(String project, ViewId view) {
    return new ViewKeys("tributary:{%s}:%s:".formatted(project, view));
  }

  /** A set: the views that anything was ever written of. */
  static String views(String project) {
    return "tributary:{%s}:views".formatted(project);
  }

  /** The pointer: the number and the identity of the publication that readers see. */
  String now() {
    return prefix + "now";
  }

  /** A hash: the manifest of each publication, by number. */
  String publications() {
    return prefix + "publications";
  }

  /** A hash: when each was published, by the server's clock, in milliseconds. */
  String times() {
    return prefix + "times";
  }

  /** A hash: what came of comparing each. */
  String parity() {
    return prefix + "parity";
  }

  /** A hash: the parts that are being written and are in no publication, and when last. */
  String written() {
    return prefix + "written";
  }

  /** A hash: the parts that nobody reads any more and are being removed. */
  String going() {
    return prefix + "going";
  }

  /** A hash: rows of a part, by entity key. */
  byte[] bucket(String part, int number) {
    return (prefix + part + ":" + number).getBytes(StandardCharsets.UTF_8);
  }

  /** The first entity key of each bucket of a part. */
  byte[] index(String part) {
    return (prefix + part + ":index").getBytes(StandardCharsets.UTF_8);
  }
}
