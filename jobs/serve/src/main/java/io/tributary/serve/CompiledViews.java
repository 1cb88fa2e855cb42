package io.tributary.serve;

import io.tributary.analysis.CheckedProject;
import io.tributary.definition.Project;
import io.tributary.serving.OnDemandCompiler;
import io.tributary.serving.OnDemandView;
import java.util.List;

/** Views on demand by the expressions that training joins, compiled as there. */
public final class CompiledViews implements OnDemandCompiler {
  @Override
  public List<OnDemandView> compile(Project project) {
    return CheckedProject.onDemand(project).stream().<OnDemandView>map(CompiledView::of).toList();
  }
}
