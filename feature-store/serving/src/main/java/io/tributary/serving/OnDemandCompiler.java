package io.tributary.serving;

import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import java.util.List;

/** What compiles views that are computed on demand. */
public interface OnDemandCompiler {
  /**
   * Those that a project serves, ready to compute at once. Takes seconds; not called for a project
   * that has none.
   *
   * @throws PlatformException INVALID_DEFINITION
   */
  List<OnDemandView> compile(Project project);
}
