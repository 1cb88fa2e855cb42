package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.model.internal.Floats;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A fit of a network to examples by steps over shuffled batches, until the validation loss has not
 * become better for as many epochs as the plan's patience. Each batch is cut among the plan's
 * replicas, which share one parameter array; their gradients are added in a fixed order. Batches
 * are shuffled by (seed, epoch), dropout draws from (seed, epoch, replica): with {@code
 * OMP_NUM_THREADS=1} the same examples give the same bytes. A last batch with fewer rows than
 * replicas is left out of its epoch.
 *
 * <p>Beside the examples it holds, for each replica, one batch's share of vectors and activations,
 * and once the parameters, their gradients, the updater's state and the best epoch's parameters.
 */
public final class NetworkFit implements AutoCloseable {
  private final FitPlan plan;
  private final Vectorizer vectorizer;
  private final Examples train;
  private final Examples validate;
  private final MultiLayerConfiguration configuration;
  private final List<Replica> replicas = new ArrayList<>();

  private NetworkFit(Vectorizer vectorizer, FitPlan plan, Examples train, Examples validate) {
    this.plan = plan;
    this.vectorizer = vectorizer;
    this.train = train;
    this.validate = validate;
    configuration = Network.configuration(vectorizer, plan);
    MultiLayerNetwork first = new MultiLayerNetwork(configuration.clone());
    first.init();
    for (int r = 0; r < plan.replicas(); r++) {
      MultiLayerNetwork network = first;
      if (r > 0) {
        network = new MultiLayerNetwork(configuration.clone());
        network.init(first.params(), false);
      }
      replicas.add(new Replica(r, network));
    }
  }

  /**
   * Fits a network.
   *
   * @param progress told of each epoch when it has ended
   * @throws PlatformException {@code INVALID_VALUE} if there are no examples or the loss is no
   *     longer a number
   */
  public static FittedNetwork fit(
      Vectorizer vectorizer,
      FitPlan plan,
      Examples train,
      Examples validate,
      Consumer<Epoch> progress) {
    if (train.rows() < plan.replicas() || validate.rows() == 0) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot fit model %s: there are %s training and %s validation rows. Widen the intervals of its split."
              .formatted(vectorizer.signature().model(), train.rows(), validate.rows()));
    }
    Backend.require();
    try (NetworkFit fit = new NetworkFit(vectorizer, plan, train, validate)) {
      return fit.run(progress);
    }
  }

  private FittedNetwork run(Consumer<Epoch> progress) {
    List<Epoch> history = new ArrayList<>();
    MultiLayerNetwork network = replicas.get(0).network;
    INDArray best = network.params().dup();
    double bestLoss = Double.POSITIVE_INFINITY;
    int bestEpoch = 0;
    int iteration = 0;
    for (int epoch = 1;
        epoch <= plan.fit().epochs() && epoch - bestEpoch <= plan.fit().patience();
        epoch++) {
      int[] order = shuffled(train.rows(), seed(epoch, -1));
      int current = epoch;
      all(replica -> replica.seed(seed(current, replica.number)));
      double loss = 0;
      int seen = 0;
      for (int from = 0; from < order.length; from += plan.fit().batch()) {
        int to = Math.min(from + plan.fit().batch(), order.length);
        if (to - from >= plan.replicas()) {
          loss += step(order, from, to, iteration++, epoch - 1);
          seen += to - from;
        }
      }
      double validation = validationLoss();
      boolean better = validation < bestLoss;
      Epoch done = new Epoch(epoch, loss / seen, validation, better);
      if (Double.isNaN(validation) || Double.isNaN(loss)) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot fit model %s: the loss is no number after epoch %s. Lower its learning-rate, or standardize raw inputs."
                .formatted(vectorizer.signature().model(), epoch));
      }
      history.add(done);
      if (better) {
        bestLoss = validation;
        bestEpoch = epoch;
        best.assign(network.params());
      }
      progress.accept(done);
    }
    float[] parameters = Floats.read(best);
    meanForUnseen(parameters);
    return new FittedNetwork(plan.layers(), configuration.toJson(), parameters, history, bestEpoch);
  }

  /** One step over a batch; gives the sum of its rows' losses. */
  private double step(int[] order, int from, int to, int iteration, int epoch) {
    int rows = to - from;
    List<Double> losses =
        all(
            replica -> {
              int begin = from + (int) ((long) rows * replica.number / plan.replicas());
              int end = from + (int) ((long) rows * (replica.number + 1) / plan.replicas());
              return replica.gradients(order, begin, end);
            });
    MultiLayerNetwork network = replicas.get(0).network;
    INDArray gradients = network.getFlattenedGradients();
    for (Replica replica : replicas.subList(1, replicas.size())) {
      gradients.addi(replica.network.getFlattenedGradients());
    }
    network
        .getUpdater()
        .update(
            network, network.gradient(), iteration, epoch, rows, LayerWorkspaceMgr.noWorkspaces());
    INDArray parameters = network.params();
    parameters.subi(gradients.reshape(parameters.shape()));
    double sum = 0;
    for (double loss : losses) {
      sum += loss;
    }
    return sum;
  }

  private double validationLoss() {
    int rows = validate.rows();
    double[] scores = new double[rows];
    ForwardPass network =
        new ForwardPass(vectorizer, plan.layers(), Floats.read(replicas.get(0).network.params()));
    all(
        replica -> {
          int from = (int) ((long) rows * replica.number / plan.replicas());
          int to = (int) ((long) rows * (replica.number + 1) / plan.replicas());
          validate.score(network, from, to, scores);
          return true;
        });
    return BinaryMetrics.logLoss(scores, validate.labels());
  }

  /**
   * Gives the row for unseen values of each embedding that no training row taught the mean of its
   * other rows.
   */
  private void meanForUnseen(float[] parameters) {
    int at = 0;
    for (Vectorizer.EmbeddingTable table : vectorizer.embeddings()) {
      if (table.shares().get(0) == 0) {
        for (int k = 0; k < table.width(); k++) {
          double mean = 0;
          for (int row = 1; row < table.rows(); row++) {
            mean += table.shares().get(row) * parameters[at + row * table.width() + k];
          }
          parameters[at + k] = (float) mean;
        }
      }
      at += table.rows() * table.width();
    }
  }

  private static int[] shuffled(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[rows];
    for (int k = 0; k < rows; k++) {
      int other = random.nextInt(k + 1);
      order[k] = order[other];
      order[other] = k;
    }
    return order;
  }

  private long seed(int epoch, int replica) {
    return new SplittableRandom(plan.fit().seed() * 1_000_003 + epoch * 1_009L + replica)
        .nextLong();
  }

  private interface Work<T> {
    T on(Replica replica);
  }

  /**
   * Does something on every replica at once, each on its own thread; the results are in replica
   * order.
   */
  private <T> List<T> all(Work<T> work) {
    List<Future<T>> futures = new ArrayList<>();
    for (Replica replica : replicas) {
      Callable<T> call = () -> work.on(replica);
      futures.add(replica.thread.submit(call));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot go on fitting: it was interrupted. Start it again.",
            e);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof PlatformException p
            ? p
            : new PlatformException(
                ErrorCode.BUG,
                "Cannot fit model %s: %s. Report this as a bug."
                    .formatted(vectorizer.signature().model(), e.getCause()),
                e.getCause());
      }
    }
    return results;
  }

  @Override
  public void close() {
    replicas.forEach(replica -> replica.thread.shutdown());
  }

  private final class Replica {
    private final int number;
    private final MultiLayerNetwork network;
    private final ExecutorService thread;
    private final INDArray vectors;
    private final INDArray labels;
    private final float[] vectorBuffer;
    private final float[] labelBuffer;

    Replica(int number, MultiLayerNetwork network) {
      this.number = number;
      this.network = network;
      thread =
          Executors.newSingleThreadExecutor(
              task -> {
                Thread t = new Thread(task, "fit-" + number);
                t.setDaemon(true);
                return t;
              });
      int rows = (plan.fit().batch() + plan.replicas() - 1) / plan.replicas();
      int width = vectorizer.width();
      vectors = Nd4j.create(DataType.FLOAT, new long[] {rows, width}, 'c');
      labels = Nd4j.create(DataType.FLOAT, new long[] {rows, 1}, 'c');
      vectorBuffer = new float[rows * width];
      labelBuffer = new float[rows];
    }

    /** Dropout draws from the generator of its thread. */
    boolean seed(long seed) {
      Nd4j.getRandom().setSeed(seed);
      return true;
    }

    /** Leaves the gradients of these rows in the network; gives the sum of their losses. */
    double gradients(int[] order, int from, int to) {
      int rows = to - from;
      int width = vectorizer.width();
      for (int k = 0; k < rows; k++) {
        int row = order[from + k];
        train.copy(row, vectorBuffer, k * width);
        labelBuffer[k] = train.label(row) ? 1f : 0f;
      }
      Floats.write(vectorBuffer, 0, rows * width, vectors);
      Floats.write(labelBuffer, 0, rows, labels);
      boolean whole = rows == labels.size(0);
      network.setInput(
          whole ? vectors : vectors.get(NDArrayIndex.interval(0, rows), NDArrayIndex.all()));
      network.setLabels(
          whole ? labels : labels.get(NDArrayIndex.interval(0, rows), NDArrayIndex.all()));
      network.computeGradientAndScore();
      return network.score() * rows;
    }
  }
}
