/**
 * The facts that runs record, one Java record for each kind of work; in commits, run log and
 * manifests.
 */
package io.tributary.events.facts;
