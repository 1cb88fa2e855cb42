package io.tributary.features;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.runtime.Job;
import java.util.ArrayList;
import java.util.List;

/** The jobs of a project's feature views. Views that are computed on demand have none. */
public final class FeatureJobs {
  private FeatureJobs() {}

  /**
   * Jobs that take the snapshots of the named views, or of all if none is named, for the days of an
   * interval.
   */
  public static List<Job> materialize(FeatureStore store, List<String> names, Interval interval) {
    List<Job> jobs = new ArrayList<>();
    for (FeatureView view : views(store.project().project(), names)) {
      jobs.add(new MaterializeJob(store, view, interval));
    }
    return jobs;
  }

  /**
   * Jobs that publish the named views, or all views that go online if none is named, at an
   * interval's last instant.
   *
   * @param replacesOthers whether what was published from another lake is replaced
   */
  public static List<Job> publish(
      FeatureStore store,
      OnlineStore online,
      List<String> names,
      Interval interval,
      boolean replacesOthers) {
    List<Job> jobs = new ArrayList<>();
    for (FeatureView view : views(store.project().project(), names)) {
      if (view.online()) {
        jobs.add(new PublishJob(store, online, view, interval, replacesOthers));
      } else if (!names.isEmpty()) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot publish view %s: its definition has online: false. Change it or leave the view out."
                .formatted(view.id()));
      }
    }
    return jobs;
  }

  private static List<FeatureView> views(Project project, List<String> names) {
    if (names.isEmpty()) {
      return project.views().values().stream().filter(v -> !v.isOnDemand()).toList();
    }
    return names.stream().distinct().map(n -> view(project, n)).toList();
  }

  private static FeatureView view(Project project, String name) {
    FeatureView view = project.views().get(ViewId.parse(name));
    if (view == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find view %s: the project has none of that name.%s"
              .formatted(
                  name,
                  Nearest.hint(
                      name, project.views().keySet().stream().map(ViewId::toString).toList())));
    }
    if (view.isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot materialize view %s: it is computed on demand and has no snapshots. Leave it out."
              .formatted(name));
    }
    return view;
  }
}
