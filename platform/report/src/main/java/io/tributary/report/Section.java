package io.tributary.report;

import java.util.List;

/** A part of a page under a heading. */
public record Section(String title, List<Block> blocks) {
  public Section {
    blocks = List.copyOf(blocks);
  }
}
