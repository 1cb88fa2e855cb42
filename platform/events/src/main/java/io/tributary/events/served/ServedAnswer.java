package io.tributary.events.served;

import java.time.Instant;
import java.util.Optional;

/**
 * What a server answered of one entity's features of one view.
 *
 * @param at when the request came
 * @param askedAt the instant of the question, by which values expire
 * @param request the same for all answers of one request
 * @param principal who asked, {@code token:NAME}
 * @param server one start of a server
 * @param view {@code carrier_history@1}
 * @param publication the number of the publication that was in force
 * @param identity tells it from others of its number; else empty
 * @param key a JSON array, a value a column of the entity, as the online store writes them
 * @param answers a JSON object: of each feature {@code status}, {@code value} as the online store
 *     writes it, {@code default} where the value is the view's default
 * @param eventTime of the newest event behind the row
 * @param publishedFor the instant that the row is true for; empty where there is none
 */
public record ServedAnswer(
    Instant at,
    Instant askedAt,
    String request,
    Optional<String> principal,
    String server,
    String view,
    long publication,
    String identity,
    String key,
    String answers,
    Optional<Instant> eventTime,
    Optional<Instant> publishedFor) {}
