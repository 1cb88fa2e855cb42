package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * How requests reach an Airflow: signed in, by a token that is fetched again before it expires and
 * once where it is refused; each within a time; again where that is safe and may help. HTTP/1.1
 * alone, as the server refuses a body with an offer of HTTP/2. Redirects are not followed, so that
 * nobody else gets the token. For one thread.
 */
final class Transport {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** A server that can't answer, or a proxy that answers for one. */
  private static final Set<Integer> AWAY = Set.of(500, 502, 503, 504);

  private static final String NDJSON = "application/x-ndjson";
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int TOO_MANY_REQUESTS = 429;

  private final String server;
  private final SignIn signIn;
  private final Patience patience;
  private final Consumer<String> notes;
  private final Clock clock;
  private final HttpClient client;
  private Optional<Token> token = Optional.empty();
  private boolean away;

  /**
   * A token that was fetched.
   *
   * @param until when it is fetched again, by this machine's clock
   */
  private record Token(String text, Instant until) {}

  /**
   * @param notes told once when the server goes away, and once when it is back
   */
  Transport(URI server, SignIn signIn, Patience patience, Consumer<String> notes, Clock clock) {
    this.server = server.toString();
    this.signIn = signIn;
    this.patience = patience;
    this.notes = notes;
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                CONNECT.compareTo(patience.attempt()) < 0 ? CONNECT : patience.attempt())
            .build();
  }

  String server() {
    return server;
  }

  Patience patience() {
    return patience;
  }

  void note(String sentence) {
    notes.accept(sentence);
  }

  /**
   * Sends a request.
   *
   * @param expected what it may be answered beside 2xx
   * @throws PlatformException for any other answer, and where there is none
   */
  Answer send(Call call, Integer... expected) {
    return checked(again(call, () -> signedIn(call)), Set.of(expected));
  }

  /** The same without signing in. */
  Answer sendUnsigned(Call call, Integer... expected) {
    return checked(again(call, () -> exchange(call, Optional.empty())), Set.of(expected));
  }

  private static Answer checked(Answer answer, Set<Integer> expected) {
    if (answer.status() / 100 != 2 && !expected.contains(answer.status())) {
      throw answer.error();
    }
    return answer;
  }

  /** An attempt. */
  private interface Attempt {
    Answer make() throws InterruptedException;
  }

  private Answer again(Call call, Attempt attempt) {
    RetryPolicy<Answer> policy =
        this.<Answer>again()
            .handleIf(e -> e instanceof Lost lost && (call.repeatable() || !lost.mayHaveArrived()))
            .onRetry(retried -> noteAway(retried.getLastException().getMessage()))
            .build();
    try {
      Answer answer = Failsafe.with(policy).get(attempt::make);
      noteBack();
      return answer;
    } catch (Lost e) {
      throw lost(call, e);
    } catch (FailsafeException e) {
      Thread.currentThread().interrupt();
      throw new PlatformException(
          ErrorCode.KILLED, "Cannot %s: it was interrupted.".formatted(call.doing()), e);
    }
  }

  /** Does again what was {@link Lost}, as long as a server is waited for. */
  <T> T patiently(Supplier<T> work) {
    return Failsafe.with(this.<T>again().handleIf(e -> e.getCause() instanceof Lost).build())
        .get(work::get);
  }

  private <T> RetryPolicyBuilder<T> again() {
    return RetryPolicy.<T>builder()
        .withBackoff(patience.first(), Patience.LONGEST_WAIT.plus(patience.first()))
        .withJitter(0.25)
        .withMaxRetries(-1)
        .withMaxDuration(patience.within());
  }

  private PlatformException lost(Call call, Lost lost) {
    return new PlatformException(
        ErrorCode.SERVER,
        call.repeatable() || !lost.mayHaveArrived()
            ? "Cannot %s: %s. See that it runs and can be reached from here, and try again."
                .formatted(call.doing(), lost.getMessage())
            : "Cannot say whether Airflow did this: %s: %s. See tributary airflow status, and ask again where it is not done."
                .formatted(call.doing(), lost.getMessage()),
        lost);
  }

  private void noteAway(String why) {
    if (!away) {
      away = true;
      notes.accept(
          "%s. It is asked again for %s s at most.".formatted(why, patience.within().toSeconds()));
    }
  }

  private void noteBack() {
    if (away) {
      away = false;
      notes.accept("Airflow " + server + " answers again.");
    }
  }

  private Answer signedIn(Call call) throws InterruptedException {
    String used = token(call);
    Answer answer = exchange(call, Optional.of(used));
    if (isOfToken(answer) && signIn instanceof SignIn.User) {
      token = Optional.empty();
      answer = exchange(call, Optional.of(token(call)));
    }
    if (isOfToken(answer)) {
      throw refused(call);
    }
    return answer;
  }

  /** One that is expired is refused by 401, one that the server has not signed by 403. */
  private static boolean isOfToken(Answer answer) {
    return answer.status() == UNAUTHORIZED
        || answer.status() == FORBIDDEN
            && answer.detail().toLowerCase(Locale.ROOT).contains("token");
  }

  private PlatformException refused(Call call) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot %s: Airflow %s does not accept %s. %s"
            .formatted(
                call.doing(),
                server,
                signIn,
                signIn instanceof SignIn.Token
                    ? "It may have expired: fetch one again, or set TRIBUTARY_AIRFLOW_USER and TRIBUTARY_AIRFLOW_PASSWORD instead."
                    : "Correct them."));
  }

  private String token(Call call) throws InterruptedException {
    if (signIn instanceof SignIn.Token given) {
      return given.token().reveal();
    }
    if (token.filter(t -> clock.instant().isBefore(t.until())).isEmpty()) {
      token = Optional.of(fetched(call, (SignIn.User) signIn));
    }
    return token.get().text();
  }

  private Token fetched(Call call, SignIn.User user) throws InterruptedException {
    Call fetch =
        Call.idempotent(
            call.doing(),
            "POST",
            "/auth/token",
            Map.of("username", user.name(), "password", user.password().reveal()));
    Answer answer;
    try {
      answer = exchange(fetch, Optional.empty());
    } catch (Lost e) {
      // What the token is for was not sent yet, or was refused.
      throw Lost.unsent(e.getMessage(), e);
    }
    if (answer.status() == UNAUTHORIZED) {
      throw refused(call);
    }
    if (answer.status() / 100 != 2) {
      throw answer.error();
    }
    String text = answer.json().path("access_token").asText();
    if (!SignIn.isToken(text)) {
      throw new PlatformException(
          ErrorCode.SERVER,
          "Cannot %s: Airflow %s gave no token at /auth/token. Fetch one where its auth manager gives one, and set TRIBUTARY_AIRFLOW_TOKEN."
              .formatted(call.doing(), server));
    }
    return new Token(text, clock.instant().plus(usable(text)));
  }

  /** How long a token is used: a tenth of its life less than it lives, so that no clocks matter. */
  private static Duration usable(String token) {
    try {
      String[] parts = token.split("\\.", -1);
      JsonNode claims =
          Json.mapper()
              .readTree(
                  new String(
                      Base64.getUrlDecoder().decode(parts.length > 1 ? parts[1] : ""),
                      StandardCharsets.UTF_8));
      long life = claims.path("exp").asLong() - claims.path("iat").asLong();
      return claims.path("exp").isNumber() && claims.path("iat").isNumber() && life > 0
          ? Duration.ofMillis(life * 900)
          : Duration.ofDays(1);
    } catch (IOException | IllegalArgumentException e) {
      // A token that is no JWT is used until it is refused.
      return Duration.ofDays(1);
    }
  }

  private Answer exchange(Call call, Optional<String> token) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + call.path()))
            .header("accept", call.lines().isPresent() ? NDJSON : "application/json")
            .header("user-agent", "Tributary")
            .method(
                call.method(),
                call.body()
                    .map(b -> HttpRequest.BodyPublishers.ofString(b, StandardCharsets.UTF_8))
                    .orElse(HttpRequest.BodyPublishers.noBody()));
    call.body().ifPresent(b -> request.header("content-type", "application/json"));
    token.ifPresent(t -> request.header("authorization", "Bearer " + t));
    HttpResponse<String> answer = exchange(call, request.build());
    if (answer.statusCode() == TOO_MANY_REQUESTS) {
      throw Lost.unsent("Airflow " + server + " answered 429: too many requests", null);
    }
    Answer read =
        new Answer(
            server,
            call,
            answer.statusCode(),
            answer.headers().firstValue("content-type").orElse(""),
            answer.body());
    if (AWAY.contains(answer.statusCode())) {
      throw Lost.unknown(
          "Airflow %s answered %d (%s)".formatted(server, answer.statusCode(), read.detail()),
          null);
    }
    return read;
  }

  private HttpResponse<String> exchange(Call call, HttpRequest request)
      throws InterruptedException {
    CompletableFuture<HttpResponse<String>> sent =
        client.sendAsync(request, head -> body(call, head));
    try {
      return awaited(call, sent);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw Lost.unknown(
          "Airflow %s did not answer within %s s".formatted(server, patience.attempt().toSeconds()),
          e);
    } catch (InterruptedException e) {
      sent.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw lost(call, e.getCause());
    }
  }

  private static HttpResponse.BodySubscriber<String> body(
      Call call, HttpResponse.ResponseInfo head) {
    boolean ofLines =
        head.statusCode() / 100 == 2
            && head.headers().firstValue("content-type").orElse("").startsWith(NDJSON);
    return call.lines().filter(lines -> ofLines).isEmpty()
        ? HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8)
        : HttpResponse.BodySubscribers.fromLineSubscriber(
            call.lines().get().answer(), read -> "", StandardCharsets.UTF_8, null);
  }

  /**
   * Until the whole answer is there, or its next line; the request's own timeout ends with its
   * head.
   */
  private HttpResponse<String> awaited(Call call, CompletableFuture<HttpResponse<String>> sent)
      throws InterruptedException, ExecutionException, TimeoutException {
    while (true) {
      long before = call.lines().map(Lines::given).orElse(0L);
      try {
        return sent.get(patience.attempt().toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (call.lines().map(Lines::given).orElse(0L) == before) {
          throw e;
        }
      }
    }
  }

  private Lost lost(Call call, Throwable cause) {
    if (isOfCertificate(cause)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot %s: the certificate of Airflow %s is not trusted here (%s). Name the address that it is for, or add its issuer to the trust store of this Java (javax.net.ssl.trustStore)."
              .formatted(call.doing(), server, cause.getMessage()),
          cause);
    }
    String why =
        "Airflow %s can't be reached (%s)"
            .formatted(
                server,
                Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName()));
    return cause instanceof ConnectException
            || cause instanceof HttpConnectTimeoutException
            || cause instanceof SSLHandshakeException
        ? Lost.unsent(why, cause)
        : Lost.unknown(why, cause);
  }

  private static boolean isOfCertificate(Throwable error) {
    return Stream.iterate(error, Objects::nonNull, Throwable::getCause)
        .anyMatch(
            e -> e instanceof CertificateException || e instanceof SSLPeerUnverifiedException);
  }
}
