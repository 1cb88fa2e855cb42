/** What runs record of themselves, one record a kind of work; in commits, run log and manifests. */
package io.tributary.events.facts;
