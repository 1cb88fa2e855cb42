package io.tributary.definition;

import java.net.URI;
import java.net.URISyntaxException;

/** The address of an Airflow, as people write it: http or https, a host, maybe a path. */
public final class AirflowAddress {
  private AirflowAddress() {}

  /**
   * Reads one; it ends in no slash.
   *
   * @throws IllegalArgumentException with what it is instead and what to write, to follow its name
   */
  public static URI parse(String text) {
    URI url;
    try {
      url = new URI(text.strip().replaceFirst("/+$", ""));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "is no address: " + e.getReason() + ". Write it as in https://airflow.acme.org.", e);
    }
    if (url.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "holds a user or a password (before the @). Take it out, and set TRIBUTARY_AIRFLOW_USER"
              + " and TRIBUTARY_AIRFLOW_PASSWORD instead.");
    }
    if (url.getHost() == null
        || url.getRawQuery() != null
        || url.getRawFragment() != null
        || !("https".equalsIgnoreCase(url.getScheme())
            || "http".equalsIgnoreCase(url.getScheme()))) {
      throw new IllegalArgumentException(
          "is not the address of a server. Write it as in https://airflow.acme.org.");
    }
    if (url.getRawPath().matches(".*/api(/v\\d+)?")) {
      throw new IllegalArgumentException(
          "names the REST interface. Write what stands before /api, as in https://airflow.acme.org.");
    }
    return url;
  }
}
