package io.tributary.quality;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tributary.core.TableVersion;

/** What became of a delivery at the gate. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "admission")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Admission.Admitted.class, name = "admitted"),
  @JsonSubTypes.Type(value = Admission.Rejected.class, name = "rejected")
})
public sealed interface Admission {
  Verdicts report();

  /** Its rows are in {@code validated}, but for those that broke an expectation. */
  record Admitted(TableVersion validated, Verdicts report) implements Admission {}

  /** All its rows are in {@code quarantine}; what was admitted before is as it was. */
  record Rejected(TableVersion quarantine, Verdicts report) implements Admission {}
}
