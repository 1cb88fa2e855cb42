package io.tributary.serving;

import io.tributary.online.Answer;
import io.tributary.online.Publication;
import io.tributary.online.StoredFeature;
import java.time.Instant;
import java.util.List;

/**
 * What was read of one view for a request, by row.
 *
 * @param at the instant of the question
 * @param keys one value a column of the entity
 * @param answers one a feature that is asked for
 */
record Reading(
    Instant at,
    Publication published,
    List<StoredFeature> features,
    List<List<Object>> keys,
    List<List<Answer>> answers) {}
