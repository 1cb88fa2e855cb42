package io.tributary.bench;

import java.util.List;
import java.util.Optional;

/**
 * A line of the table: what was planted in which nights, what was aimed at, what came out.
 *
 * @param data whose nights they are
 * @param holds whether the goal is reached; empty where there is none
 * @param details the nights or inputs behind the number
 */
record Finding(
    String data,
    String question,
    String planted,
    String goal,
    String measured,
    Optional<Boolean> holds,
    List<String> details) {
  Finding {
    details = List.copyOf(details);
  }
}
