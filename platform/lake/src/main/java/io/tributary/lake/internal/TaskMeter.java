package io.tributary.lake.internal;

import io.tributary.core.RunId;
import io.tributary.events.runs.Resources;
import io.tributary.lake.TasksDone;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Measures what the tasks of each run used. A property that Spark passes on from the thread that
 * starts a Spark job identifies its run, so that concurrent runs don't mix.
 */
public final class TaskMeter extends SparkListener {
  private static final String PROPERTY = "tributary.run";

  /** Spark puts it into the logging context of a task. */
  private static final String LOGGED = "mdc.run";

  /** The use of a run that started no task. */
  public static final Resources NO_TASKS = Resources.ofTasks(0, 0, 0, 0, 0, 0, 0);

  private static final long PATIENCE_MILLIS = 5_000;

  // Threads that a run starts belong to the run.
  private static final InheritableThreadLocal<String> RUN = new InheritableThreadLocal<>();

  private final Map<Integer, String> stages = new ConcurrentHashMap<>();
  private final Map<String, Resources> used = new ConcurrentHashMap<>();
  private final Map<String, TasksDone> atWork = new ConcurrentHashMap<>();

  /** Attributes to a run what this thread, and threads that it starts, do from now on. */
  public static void begin(RunId run) {
    RUN.set(run.text());
  }

  public static void end() {
    RUN.remove();
  }

  /** Passes this thread's run on to Spark. */
  public static void tag(SparkContext context) {
    if (!java.util.Objects.equals(context.getLocalProperty(PROPERTY), RUN.get())) {
      context.setLocalProperty(PROPERTY, RUN.get());
      context.setLocalProperty(LOGGED, RUN.get());
    }
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    String run = event.properties() == null ? null : event.properties().getProperty(PROPERTY);
    if (run != null) {
      stages.put(event.stageInfo().stageId(), run);
      atWork.merge(run, new TasksDone(0, event.stageInfo().numTasks(), 0, 0), TasksDone::plus);
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    String run = stages.get(event.stageId());
    TaskMetrics m = event.taskMetrics();
    if (run == null || m == null) {
      return;
    }
    atWork.merge(
        run,
        new TasksDone(1, 0, m.inputMetrics().recordsRead(), m.outputMetrics().recordsWritten()),
        TasksDone::plus);
    used.merge(
        run,
        Resources.ofTasks(
            m.executorCpuTime() / 1e9,
            m.inputMetrics().recordsRead(),
            m.outputMetrics().recordsWritten(),
            m.inputMetrics().bytesRead(),
            m.outputMetrics().bytesWritten(),
            m.shuffleReadMetrics().totalBytesRead(),
            m.shuffleWriteMetrics().bytesWritten()),
        Resources::plus);
  }

  /** How far a run has come, by the events received so far. */
  public TasksDone soFar(RunId run) {
    return atWork.getOrDefault(run.text(), TasksDone.NONE);
  }

  /**
   * Removes and returns what a run's tasks used; waits until the events of all ended tasks have
   * arrived.
   */
  public Resources take(SparkContext context, RunId run) {
    try {
      context.listenerBus().waitUntilEmpty(PATIENCE_MILLIS);
    } catch (TimeoutException e) {
      // A count that lacks the last tasks is better than none.
    }
    stages.values().removeIf(run.text()::equals);
    atWork.remove(run.text());
    Resources resources = used.remove(run.text());
    return resources == null ? NO_TASKS : resources;
  }
}
