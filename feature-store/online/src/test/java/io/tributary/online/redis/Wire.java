package io.tributary.online.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What lies between a client and a server, and is slow, or breaks in the middle of an answer. */
final class Wire implements AutoCloseable {
  private final ServerSocket listening;
  private final int server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile long delayMillis;
  private volatile int breaksAfter = -1;
  private volatile String breaksAt = "";
  private volatile boolean onlyOnce;
  private volatile int broken;
  private volatile int swallowed;
  private final AtomicInteger accepted = new AtomicInteger();

  Wire(int server) throws IOException {
    this.server = server;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  String address() {
    return "redis://127.0.0.1:" + listening.getLocalPort();
  }

  /** Each piece of an answer comes so much later. */
  void slow(long millis) {
    delayMillis = millis;
  }

  /** Answers end after so many bytes of the next one, on each connection or the next alone. */
  void breakAfter(int bytes, boolean once) {
    onlyOnce = once;
    breaksAfter = bytes;
  }

  /** Connections that are open now never answer again, and stay open. */
  void swallow() {
    swallowed = accepted.get();
  }

  /** An answer with a text in it is lost, once. */
  void breakAt(String text) {
    breaksAt = text;
  }

  void mend() {
    breaksAfter = -1;
    breaksAt = "";
  }

  int broken() {
    return broken;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
        int number = accepted.getAndIncrement();
        threads.execute(() -> pump(client, upstream, false, number));
        threads.execute(() -> pump(upstream, client, true, number));
      }
    } catch (SocketException e) {
      // Closed.
      return;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pump(Socket from, Socket to, boolean answers, int number) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (number < swallowed) {
          continue;
        }
        if (answers) {
          TimeUnit.MILLISECONDS.sleep(delayMillis);
          int whole = passes(buffer, n);
          out.write(buffer, 0, whole);
          if (whole < n) {
            out.flush();
            return;
          }
        } else {
          out.write(buffer, 0, n);
        }
        out.flush();
      }
    } catch (IOException e) {
      // The other side has ended.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many bytes of an answer come through. */
  private synchronized int passes(byte[] answer, int n) {
    String text = new String(Arrays.copyOf(answer, n), StandardCharsets.ISO_8859_1);
    if (!breaksAt.isEmpty() && text.contains(breaksAt)) {
      breaksAt = "";
      broken++;
      return 0;
    }
    if (breaksAfter >= 0 && breaksAfter < n) {
      int whole = breaksAfter;
      broken++;
      if (onlyOnce) {
        breaksAfter = -1;
      }
      return whole;
    }
    return n;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    threads.shutdownNow();
  }
}
