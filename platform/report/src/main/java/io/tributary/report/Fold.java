package io.tributary.report;

import java.util.List;

/** Blocks that are seen once a reader opens them. */
public record Fold(String summary, List<Block> blocks) implements Block {
  public Fold {
    blocks = List.copyOf(blocks);
  }

  @Override
  public void write(Html html) {
    html.open("details").element("summary", summary);
    blocks.forEach(block -> block.write(html));
    html.close("details");
  }
}
