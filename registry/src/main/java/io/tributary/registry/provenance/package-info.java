/** Where things come from: predictions, models, tables, back to delivered files. */
package io.tributary.registry.provenance;
