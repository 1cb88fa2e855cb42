package io.tributary.bench;

import io.tributary.core.Json;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Asks a server at a constant rate, whatever it answers: a request's time begins at the instant at
 * which it was due, so that a server that stops for a second is late for all of that second's
 * requests. One thread sends, and one reads; a connection has one request at a time, and requests
 * that find none free wait for one, late already.
 *
 * <p>Lines of its input say what part of the run begins: a name, or {@code end}. Then it waits for
 * the last answers, and prints by part what it measured, as JSON.
 */
public final class OpenLoop {
  private static final long SECOND = 1_000_000_000;
  private static final long DRAIN = 10 * SECOND;
  private static final double NANOS_A_MILLISECOND = 1e6;
  private static final int MOST_BYTES = 1 << 20;
  private static final String LENGTH = "\r\ncontent-length:";

  private final Plan plan;
  private final SplittableRandom random;
  private final Selector selector = Selector.open();
  private final BlockingQueue<Connection> free;
  private final BufferedWriter samples;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final AtomicLong failed = new AtomicLong();
  private volatile String part = "";
  private volatile long end = Long.MAX_VALUE;
  private volatile boolean closed;
  private volatile String problem = "";

  /**
   * What is asked.
   *
   * @param head of a body, before its keys
   * @param tail behind them
   * @param keys of a request, each drawn from all below {@code entities}
   * @param rate requests a second; 0: as many as are answered
   * @param connections at most as many requests at a time
   * @param each of so many answers one is written down with its keys; 0: none
   */
  record Plan(
      int port,
      String path,
      String head,
      String tail,
      int keys,
      int entities,
      double rate,
      int connections,
      int each,
      long seed,
      String samples) {}

  /** What was measured of the requests that were due in a part of the run. */
  private static final class Part {
    final Histogram times = new Histogram(1_000, 600 * SECOND, 3);
    long first = Long.MAX_VALUE;
    long last;
  }

  private static final class Connection {
    final ByteBuffer in = ByteBuffer.allocate(MOST_BYTES);
    SocketChannel channel;
    int[] keys;
    String part;
    boolean isSample;
    int bodyAt;
    int endsAt;

    /** Written last, and read first, as two threads use a connection in turn. */
    volatile long due;
  }

  private OpenLoop(Plan plan) throws IOException {
    this.plan = plan;
    this.random = new SplittableRandom(plan.seed());
    this.free = new ArrayBlockingQueue<>(plan.connections());
    this.samples = Files.newBufferedWriter(Path.of(plan.samples()));
  }

  /** PLAN: the file that says what is asked. */
  public static void main(String[] args) throws Exception {
    OpenLoop loop = new OpenLoop(Json.read(Files.readString(Path.of(args[0])), Plan.class));
    System.out.println(Json.write(loop.run()));
  }

  private Map<String, Object> run() throws Exception {
    for (int i = 0; i < plan.connections(); i++) {
      Connection connection = new Connection();
      connect(connection);
      free.add(connection);
    }
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    part = input.readLine();
    Thread sender = new Thread(() -> watched(this::send), "send");
    Thread reader = new Thread(() -> watched(this::read), "read");
    sender.start();
    reader.start();
    for (String line = input.readLine();
        line != null && !line.equals("end");
        line = input.readLine()) {
      part = line;
    }
    end = System.nanoTime();
    sender.join();
    long patience = System.nanoTime() + DRAIN;
    while (free.size() < plan.connections() && System.nanoTime() < patience) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    int unanswered = plan.connections() - free.size();
    closed = true;
    selector.wakeup();
    reader.join();
    samples.close();
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("failed", failed.get() + unanswered);
    found.put("problem", problem);
    Histogram all = new Histogram(1_000, 600 * SECOND, 3);
    parts.forEach(
        (name, of) -> {
          found.put(name, summary(of.times, (of.last - of.first) / (double) SECOND));
          all.add(of.times);
        });
    found.put("all", summary(all, 0));
    return found;
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void watched(Work work) {
    try {
      work.run();
    } catch (IOException | InterruptedException | RuntimeException e) {
      failed.incrementAndGet();
      problem = e.toString();
      end = 0;
    }
  }

  private static Map<String, Object> summary(Histogram times, double seconds) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("requests", times.getTotalCount());
    summary.put("seconds", seconds);
    summary.put("p50", times.getValueAtPercentile(50) / NANOS_A_MILLISECOND);
    summary.put("p99", times.getValueAtPercentile(99) / NANOS_A_MILLISECOND);
    summary.put("p999", times.getValueAtPercentile(99.9) / NANOS_A_MILLISECOND);
    summary.put("max", times.getMaxValue() / NANOS_A_MILLISECOND);
    return summary;
  }

  private void connect(Connection connection) throws IOException {
    connection.channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", plan.port()));
    connection.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    connection.channel.configureBlocking(false);
    connection.channel.register(selector, SelectionKey.OP_READ, connection);
  }

  private void send() throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (long number = 0; ; number++) {
      long due =
          plan.rate() == 0
              ? System.nanoTime()
              : start + Math.round(number * (SECOND / plan.rate()));
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        if (end != Long.MAX_VALUE) {
          return;
        }
        LockSupport.parkNanos(wait);
      }
      if (due > end) {
        return;
      }
      Connection connection = connection();
      if (connection == null) {
        // None came free long after the end: what is still due is never sent.
        failed.incrementAndGet();
        return;
      }
      send(connection, number, plan.rate() == 0 ? System.nanoTime() : due);
    }
  }

  private Connection connection() throws InterruptedException {
    while (true) {
      Connection connection = free.poll(100, TimeUnit.MILLISECONDS);
      if (connection != null || (end != Long.MAX_VALUE && System.nanoTime() > end + DRAIN)) {
        return connection;
      }
    }
  }

  private void send(Connection to, long number, long due) throws IOException {
    to.keys = new int[plan.keys()];
    StringBuilder body = new StringBuilder(plan.head());
    for (int i = 0; i < to.keys.length; i++) {
      to.keys[i] = random.nextInt(plan.entities());
      body.append(i == 0 ? "" : ",").append(to.keys[i]);
    }
    body.append(plan.tail());
    String request =
        "POST "
            + plan.path()
            + " HTTP/1.1\r\nHost: 127.0.0.1:"
            + plan.port()
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    to.part = part;
    to.isSample = plan.each() > 0 && number % plan.each() == plan.each() - 1;
    to.endsAt = -1;
    to.in.clear();
    to.due = due;
    ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
    while (out.hasRemaining()) {
      // Smaller than a socket's buffer, and the one before it was answered.
      to.channel.write(out);
    }
  }

  private void read() throws IOException {
    while (!closed) {
      selector.select(key -> ready((Connection) key.attachment()));
    }
  }

  private void ready(Connection connection) {
    try {
      long due = connection.due;
      int read = connection.channel.read(connection.in);
      if (read < 0) {
        throw new IOException("The server closed a connection.");
      }
      if (read > 0 && isWhole(connection)) {
        answered(connection, System.nanoTime() - due, due);
        free.add(connection);
      }
    } catch (IOException e) {
      failed.incrementAndGet();
      problem = e.toString();
      reconnect(connection);
    }
  }

  private void reconnect(Connection connection) {
    try {
      connection.channel.close();
      connect(connection);
      free.add(connection);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answered(Connection connection, long nanos, long due) throws IOException {
    String status = text(connection, 9, 12);
    if (!status.equals("200")) {
      failed.incrementAndGet();
      problem = text(connection, 0, Math.min(connection.endsAt, 600));
      connection.isSample = false;
    }
    Part of = parts.computeIfAbsent(connection.part, name -> new Part());
    of.times.recordValue(Math.max(0, nanos));
    of.first = Math.min(of.first, due);
    of.last = Math.max(of.last, due);
    if (connection.isSample) {
      samples.write(
          "{\"keys\":%s,\"answer\":%s}%n"
              .formatted(
                  Arrays.toString(connection.keys),
                  new String(
                      connection.in.array(),
                      connection.bodyAt,
                      connection.endsAt - connection.bodyAt,
                      StandardCharsets.UTF_8)));
    }
  }

  private static String text(Connection connection, int from, int to) {
    return new String(connection.in.array(), from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Whether an answer is there to its last byte; of those with a length alone. */
  private static boolean isWhole(Connection connection) throws IOException {
    if (connection.endsAt < 0) {
      int head = endOfHead(connection.in);
      if (head < 0) {
        return false;
      }
      String lines = text(connection, 0, head).toLowerCase(Locale.ROOT);
      int at = lines.indexOf(LENGTH);
      if (at < 0) {
        throw new IOException("An answer does not say how long it is: " + lines);
      }
      int length =
          Integer.parseInt(
              lines
                  .substring(at + LENGTH.length(), lines.indexOf('\r', at + LENGTH.length()))
                  .strip());
      connection.bodyAt = head;
      connection.endsAt = head + length;
      if (connection.endsAt > MOST_BYTES) {
        throw new IOException("An answer has " + length + " bytes.");
      }
    }
    return connection.in.position() >= connection.endsAt;
  }

  private static int endOfHead(ByteBuffer in) {
    byte[] bytes = in.array();
    for (int i = 3; i < in.position(); i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }
}
