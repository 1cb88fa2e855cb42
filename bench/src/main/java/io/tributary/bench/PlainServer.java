package io.tributary.bench;

import io.tributary.bench.PlainRows.Stored;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The least that serving costs: Tributary's server library, and what the store has under the keys,
 * as it lies there. A request is known by its {@code "key":}, one number or a list of them.
 */
public final class PlainServer extends Handler.Abstract {
  private static final byte[] KEY = "\"key\":".getBytes(StandardCharsets.US_ASCII);

  private final List<Stored> rows;
  private final PlainStore store;

  private PlainServer(List<Stored> rows, PlainStore store) {
    this.rows = rows;
    this.store = store;
  }

  /** FROM STORE PORT: the store that has the rows of keys from 0, the one that gets them. */
  public static void main(String[] args) throws Exception {
    List<Stored> rows = PlainRows.read(args[0], 1);
    PlainStore store = PlainStore.at(args[1]);
    store.load(rows);
    Server server = new Server(new QueuedThreadPool(16, 4));
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    connector.setPort(Integer.parseInt(args[2]));
    server.addConnector(connector);
    server.setHandler(new PlainServer(rows, store));
    server.start();
    server.join();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    List<byte[]> found = store.find(rows, keys(Content.Source.asByteBuffer(request)));
    ByteBuffer answer = ByteBuffer.allocate(found.stream().mapToInt(row -> row.length).sum());
    found.forEach(answer::put);
    answer.flip();
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.remaining());
    response.write(true, answer, callback);
    return true;
  }

  private static int[] keys(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    List<Integer> keys = new ArrayList<>();
    int at = endOfKey(bytes);
    for (int number = -1; at < bytes.length; at++) {
      int digit = bytes[at] - '0';
      if (digit >= 0 && digit <= 9) {
        number = Math.max(0, number) * 10 + digit;
      } else if (number >= 0) {
        keys.add(number);
        number = -1;
        if (bytes[at] != ',') {
          break;
        }
      }
    }
    return keys.stream().mapToInt(key -> key).toArray();
  }

  private static int endOfKey(byte[] bytes) {
    for (int from = 0; from <= bytes.length - KEY.length; from++) {
      int same = 0;
      while (same < KEY.length && bytes[from + same] == KEY[same]) {
        same++;
      }
      if (same == KEY.length) {
        return from + same;
      }
    }
    throw new IllegalArgumentException("A request without a key.");
  }
}
