package io.tributary.notify;

import static io.tributary.notify.JudgedLake.breach;
import static io.tributary.notify.JudgedLake.project;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tributary.definition.Credential;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.definition.Receiver.Security;
import io.tributary.definition.Secret;
import io.tributary.notify.Delivery.Result;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail through a server of this machine. */
class TestMailChannel {
  private static final Delivery QUICK =
      new Delivery(Duration.ofSeconds(20), Duration.ofMillis(500), Duration.ofMillis(5));

  @TempDir private Path folder;
  private final GreenMail server =
      new GreenMail(
          new ServerSetup[] {
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP),
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS)
          });
  private JudgedLake lake;

  @BeforeEach
  void start() throws IOException {
    server.start();
    lake = new JudgedLake(folder).judge("2024-03-04", breach("a", 9));
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private Receiver mail(int port, Security security, Optional<Credential> credential) {
    return new Receiver.Mail(
        "team",
        List.of("ops@acme.org", "data@partner.org"),
        "tributary@acme.org",
        "127.0.0.1",
        port,
        security,
        credential,
        List.of(),
        Receiver.CHANGES);
  }

  private Receiver plain() {
    return mail(server.getSmtp().getPort(), Security.STARTTLS, Optional.empty());
  }

  private List<Result> deliver(Receiver receiver) {
    Project project = project(receiver);
    lake.outbox().note(project);
    return QUICK.deliver(lake.outbox(), project);
  }

  @Test
  void sendsOneMailThatAPersonUnderstands() throws Exception {
    assertThat(deliver(plain())).extracting(Result::delivered).containsExactly(1);
    assertThat(deliver(plain())).isEmpty();

    MimeMessage[] got = server.getReceivedMessages();
    assertThat(got).as("a copy for each recipient").hasSize(2);
    assertThat(got[0].getSubject())
        .isEqualTo("[tributary] shop: monitor late breaches on 2024-03-04");
    assertThat(got[0].getContent().toString())
        .contains("a is unlike training's intervals (missing): deviation 9.000, limit 2.150");
    assertThat(got[0].getHeader("To", ",")).isEqualTo("ops@acme.org, data@partner.org");
    assertThat(got[0].getHeader("Auto-Submitted", ",")).isEqualTo("auto-generated");
  }

  @Test
  void aMailThatIsSentAgainHasTheSameIdAndAChangeRefersToIt() throws Exception {
    Project project = project(plain());
    lake.outbox().note(project);
    Channel.to(plain(), Duration.ofSeconds(20)).send(lake.outbox().owed(project).get(0).notice());
    deliver(plain());
    lake.judge("2024-03-04", breach("b", 9));
    deliver(plain());

    List<String> ids =
        Arrays.stream(server.getReceivedMessages())
            .map(m -> header(m, "Message-ID") + " " + header(m, "References"))
            .sorted()
            .toList();
    assertThat(ids).as("a copy for each recipient").hasSize(6);
    assertThat(ids.stream().distinct()).hasSize(2);
    List<String> first = ids.stream().filter(id -> id.endsWith(".team@acme.org> null")).toList();
    assertThat(first).hasSize(4);
    assertThat(ids).filteredOn(id -> id.endsWith(first.get(0).replace(" null", ""))).hasSize(2);
  }

  private static String header(MimeMessage message, String name) {
    try {
      return message.getHeader(name, ",");
    } catch (jakarta.mail.MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void signsInWithTheSecret() {
    server.setUser("tributary@acme.org", "tributary", "right");
    Receiver wrong = mail(server.getSmtp().getPort(), Security.STARTTLS, credential("wrong"));
    assertThat(deliver(wrong))
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.owed()).isEqualTo(1);
              assertThat(r.why().orElseThrow()).doesNotContain("wrong").contains("mail server");
            });
    Receiver right = mail(server.getSmtp().getPort(), Security.STARTTLS, credential("right"));
    assertThat(deliver(right)).extracting(Result::delivered).containsExactly(1);
  }

  private static Optional<Credential> credential(String password) {
    return Optional.of(
        new Credential(
            Optional.of("tributary"), Optional.of(new Secret("MAIL_PASSWORD", password))));
  }

  /** One of two is gone for good, another box is full for now. */
  @Test
  void anAddressThatIsGoneKeepsNoOtherFromHearing() throws Exception {
    try (MailServer some = new MailServer(Map.of("data@partner.org", "550 gone"), message -> {});
        MailServer full = new MailServer(Map.of("data@partner.org", "452 full"), message -> {});
        MailServer none =
            new MailServer(
                Map.of("data@partner.org", "550 gone", "ops@acme.org", "550 gone"),
                message -> {})) {
      assertThat(deliver(mail(none.port(), Security.STARTTLS, Optional.empty())))
          .extracting(r -> r.delivered() + " " + r.owed())
          .containsExactly("0 1");
      assertThat(none.got).isEmpty();
      assertThat(deliver(mail(some.port(), Security.STARTTLS, Optional.empty())))
          .extracting(Result::toString)
          .containsExactly(
              "team (ops@acme.org, data@partner.org): 1 notice delivered: mail server 127.0.0.1 does not take data@partner.org");
      assertThat(some.got).singleElement().asString().startsWith("ops@acme.org <");
      lake.judge("2024-03-05", breach("a", 9));
      assertThat(deliver(mail(full.port(), Security.STARTTLS, Optional.empty())))
          .singleElement()
          .satisfies(
              r -> {
                assertThat(r.delivered()).isEqualTo(1);
                assertThat(r.why().orElseThrow()).contains("452 full");
              });
      assertThat(full.got).as("tried again, but for whoever has it").hasSize(1);
    }
  }

  /** Each of its lines comes in time, and there is always another one. */
  @Test
  void aServerThatTalksForEverKeepsNobodyWaiting() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      threads.execute(() -> talk(socket));
      Project project = project(mail(socket.getLocalPort(), Security.STARTTLS, Optional.empty()));
      lake.outbox().note(project);
      Delivery delivery =
          new Delivery(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(5));
      assertThat(delivery.deliver(lake.outbox(), project))
          .extracting(Result::toString)
          .containsExactly(
              "team (ops@acme.org, data@partner.org): 0 notices delivered, 1 not yet: it was still at it when the time was over");
    } finally {
      threads.shutdownNow();
    }
  }

  private static void talk(ServerSocket socket) {
    try (Socket client = socket.accept()) {
      while (true) {
        client.getOutputStream().write("220-and\r\n".getBytes(StandardCharsets.US_ASCII));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    } catch (IOException e) {
      // The other end is gone, or the test over.
    }
  }

  /** The server's certificate is its own. */
  @Test
  void trustsNoCertificateThatTheMachineDoesNot() {
    assertThat(deliver(mail(server.getSmtps().getPort(), Security.TLS, Optional.empty())))
        .extracting(r -> r.delivered() + " " + r.owed())
        .containsExactly("0 1");
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void sendsNothingInTheClearToAnotherMachine() {
    // Another name of this machine, which nobody can tell from another machine.
    Receiver elsewhere =
        new Receiver.Mail(
            "team",
            List.of("ops@acme.org"),
            "tributary@acme.org",
            "127.0.0.2",
            server.getSmtp().getPort(),
            Security.STARTTLS,
            Optional.empty(),
            List.of(),
            Receiver.CHANGES);
    GreenMail all = new GreenMail(new ServerSetup(0, "127.0.0.2", ServerSetup.PROTOCOL_SMTP));
    all.start();
    try {
      Receiver.Mail there = (Receiver.Mail) elsewhere;
      assertThat(
              deliver(
                  new Receiver.Mail(
                      there.name(),
                      there.to(),
                      there.from(),
                      there.host(),
                      all.getSmtp().getPort(),
                      there.security(),
                      there.credential(),
                      there.monitors(),
                      there.changes())))
          .extracting(r -> r.delivered() + " " + r.owed())
          .containsExactly("0 1");
      assertThat(all.getReceivedMessages()).isEmpty();
    } finally {
      all.stop();
    }
  }
}
