package io.tributary.definition;

import io.tributary.core.PlatformException;
import io.tributary.definition.internal.Rendering;
import java.util.List;
import java.util.Optional;

/**
 * A project's definitions as their files would say them with every default written out.
 *
 * <p>A thing is named by its name ({@code carrier_history@1}, a view's also without version), by
 * kind and name where several share it ({@code model late_arrival}), or by its file ({@code
 * models/late_arrival.yaml}). The YAML reads back to an equal record, places aside; secrets stand
 * there as the variables that hold them.
 */
public final class DefinitionPrinter {
  private DefinitionPrinter() {}

  /**
   * As YAML, in the order of the configuration reference.
   *
   * @throws PlatformException NOT_FOUND with the nearest name and all there are, INVALID_REQUEST if
   *     several things have the name
   */
  public static String yaml(Project project, String reference) {
    return Rendering.yaml(project, reference);
  }

  /** The same as JSON, keys in the same order. */
  public static String json(Project project, String reference) {
    return Rendering.json(project, reference);
  }

  /** The view that a reference names; empty where it names another thing. */
  public static Optional<FeatureView> view(Project project, String reference) {
    return Rendering.view(project, reference);
  }

  /** Kind and name of the thing that a reference names, {@code view carrier_history@1}. */
  public static String reference(Project project, String reference) {
    return Rendering.reference(project, reference);
  }

  /** Kind and name of everything that the project defines, {@code view carrier_history@1}. */
  public static List<String> things(Project project) {
    return Rendering.references(project);
  }
}
