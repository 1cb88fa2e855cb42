/** How the intervals of a model's life differ from those that it was trained on. */
package io.tributary.drift;
