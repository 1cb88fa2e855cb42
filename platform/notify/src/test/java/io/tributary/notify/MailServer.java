package io.tributary.notify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A mail server on this machine that answers as a test wants it. */
final class MailServer implements AutoCloseable {
  /** What it does with a mail, before it says that it has it. */
  interface Arrival {
    void of(String message) throws IOException;
  }

  private final ServerSocket socket;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, String> answers;
  private final Arrival arrival;

  /** Each mail as {@code RECIPIENTS MESSAGE-ID}. */
  final List<String> got = Collections.synchronizedList(new ArrayList<>());

  /**
   * @param answers to a recipient's address instead of yes
   */
  MailServer(Map<String, String> answers, Arrival arrival) throws IOException {
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.answers = answers;
    this.arrival = arrival;
    threads.execute(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve(Socket client) {
    try (client) {
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
      PrintStream out = new PrintStream(client.getOutputStream(), true, StandardCharsets.US_ASCII);
      List<String> to = new ArrayList<>();
      out.print("220 here\r\n");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String answer = "250 yes";
        if (line.startsWith("RCPT TO:")) {
          String address = line.replaceAll(".*<(.*)>.*", "$1");
          answer = answers.getOrDefault(address, answer);
          if (answer.startsWith("250")) {
            to.add(address);
          }
        } else if (line.equals("DATA")) {
          out.print("354 go on\r\n");
          String id = "";
          for (String part = lines.readLine(); !".".equals(part); part = lines.readLine()) {
            id = part.startsWith("Message-ID: ") ? part.replaceFirst(".*: ", "") : id;
          }
          got.add(String.join(",", to) + " " + id);
          arrival.of(id);
        } else if (line.startsWith("QUIT")) {
          answer = "221 bye";
        }
        out.print(answer + "\r\n");
      }
    } catch (IOException e) {
      // The other end is gone, or the test over.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
