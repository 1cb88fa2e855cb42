package io.tributary.source;

import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;

/** How files of one format become lines of a source's columns; found in {@link FileFormats}. */
@FunctionalInterface
interface FileFormat {
  /**
   * A reader of a source's files.
   *
   * @throws io.tributary.core.PlatformException INVALID_DEFINITION when an option or a column's
   *     type is not one that the format has
   */
  SourceReader reader(Source source, SourceInput.Files files);
}
