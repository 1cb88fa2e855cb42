package io.tributary.core;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a job returns.
 *
 * @param inputs what it read
 * @param outputs the table versions that it wrote, in the order of their commits, the commit point
 *     last
 * @param facts what else is worth recording: counts, digests, metrics; keys in kebab-case, values
 *     that JSON can say
 */
public record JobResult(List<Pin> inputs, List<TableVersion> outputs, Map<String, Object> facts) {
  public JobResult {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    facts = java.util.Collections.unmodifiableMap(new TreeMap<>(facts));
  }
}
