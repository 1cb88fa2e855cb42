package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestKeptProject {
  /** What becomes of challengers decides no row and no network. */
  @Test
  void leavesOutThePolicyThatBuildsOfBeforeKeptOfChallengers() {
    String kept = "model: late\nadmit:\n  - auc >= 0.72\n";
    assertThat(KeptProject.present(kept + "retrain:\n  at-most-every: 7d\n  promote: by-hand\n"))
        .isEqualTo(kept + "retrain:\n  at-most-every: 7d\n");
    String present = kept + "promote: by-hand\nmargin: 0.005\nretrain:\n  at-most-every: 7d\n";
    assertThat(KeptProject.present(present)).isEqualTo(present);
    String other = "retrain:\n  at-most-every: 7d\nother:\n  promote: x\n";
    assertThat(KeptProject.present(other)).isEqualTo(other);
  }
}
