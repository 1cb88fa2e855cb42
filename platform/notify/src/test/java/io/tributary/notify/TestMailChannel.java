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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
        List.of());
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
            List.of());
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
                      there.monitors())))
          .extracting(r -> r.delivered() + " " + r.owed())
          .containsExactly("0 1");
      assertThat(all.getReceivedMessages()).isEmpty();
    } finally {
      all.stop();
    }
  }
}
