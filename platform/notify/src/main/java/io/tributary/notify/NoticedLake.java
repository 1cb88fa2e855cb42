package io.tributary.notify;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import java.util.Optional;

/**
 * The lake in which something happened: a copied lake has the id of the one that it was copied
 * from, and another place.
 *
 * @param id empty for a lake that no run has written to
 * @param place its absolute path, or its URI without user and password
 */
@JsonDeserialize
public record NoticedLake(Optional<String> id, String place) {
  static NoticedLake of(String lake) {
    return new NoticedLake(
        LakeIdentity.require(lake).map(LakeIdentity::id),
        LakeTables.local(lake)
            .map(path -> path.toAbsolutePath().normalize().toString())
            .orElseGet(() -> LakeTables.normal(lake).replaceFirst("//[^/@]*@", "//")));
  }
}
